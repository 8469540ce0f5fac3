/* SPDX-License-Identifier: BSD-2-Clause */

/* gdb's remote protocol: what each packet is answered, and what it leaves. */

#include "support_kern.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support_alloc.h"

/* A kernel with two vnets, a variable of each set, and a connection. */
struct session {
	struct kern kern;
	struct kldsim_gdb *gdb;
};

static void
begin(struct session *session)
{
	struct kern *kern = &session->kern;

	kern_init(kern, R121);
	kern->options.vnets = 2;
	(void)kldsim_synth_dpcpu(kern->synth, "c", "\5\6\7\10\11\12\13\14", 8,
	    8);
	(void)kldsim_synth_vnet(kern->synth, "v", "\1\2\3\4\xff\6\7\10", 8, 8);
	(void)kldsim_synth_object(kern->synth, "data", "\xab\xcd", 2, 2);
	kern_boot(kern);
	assert_int_equal(kldsim_gdb_new(kern->sim, "/work", &session->gdb),
	    KLDSIM_OK);
}

static void
end(struct session *session)
{
	kldsim_gdb_free(session->gdb);
	kern_fini(&session->kern);
}

/* The answer to a packet, for the next one to overwrite. */
static const char *
ask(struct session *session, const char *format, ...)
{
	static char text[40000];
	const char *bytes;
	char packet[2000];
	va_list args;
	size_t size;

	va_start(args, format);
	(void)vsnprintf(packet, sizeof(packet), format, args);
	va_end(args);
	assert_int_equal(kldsim_gdb_packet(session->gdb, packet,
	    strlen(packet), &bytes, &size), KLDSIM_OK);
	assert_true(size < sizeof(text));
	memcpy(text, bytes, size);
	text[size] = '\0';
	return text;
}

/* What `monitor COMMAND` prints. */
static const char *
monitor(struct session *session, const char *command)
{
	static char said[20000];
	char hex[1200] = "";
	const char *answer;
	unsigned byte;
	size_t n = 0;

	for (size_t i = 0; command[i] != '\0'; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x",
		    (unsigned char)command[i]);
	answer = ask(session, "qRcmd,%s", hex);
	while (sscanf(answer + 2 * n, "%2x", &byte) == 1)
		said[n++] = (char)byte;
	said[n] = '\0';
	return said;
}

static unsigned long long
at(const struct session *session, const char *name)
{
	return kern_symbol(&session->kern, name);
}

/* E-50, E-51, E-52: what gdb asks when it comes, and what it is refused. */
static void
packets(void **state)
{
	static const char *const rows[][2] = {
		{ "?", "T05thread:1;" }, { "Hg0", "OK" }, { "T1", "OK" },
		{ "qC", "QC1" }, { "qfThreadInfo", "m1" },
		{ "qsThreadInfo", "l" }, { "qAttached", "1" },
		{ "qAttached:1", "1" }, { "QStartNoAckMode", "OK" },
		{ "vMustReplyEmpty", "" }, { "vCont?", "" }, { "qOffsets", "" },
		{ "qSymbol::", "" }, { "vFile:setfs:0", "" }, { "qCRC:0,1", "" },
		{ "qHostInfo", "" }, { "qProcessInfo", "" }, { "x0,0", "" },
		{ "qRegisterInfo0", "" }, { "jThreadsInfo", "" }, { "!", "" },
		{ "", "" }, { "c", "T05thread:1;" }, { "s", "T05thread:1;" },
		{ "vCont;c", "T05thread:1;" }, { "C05", "T05thread:1;" },
		{ "M0,1:00", "E01" }, { "X0,1:a", "E01" }, { "P0=00", "E01" },
		{ "G00", "E01" }, { "Z0,0,1", "E01" }, { "z0,0,1", "E01" },
		{ "p0", "E01" },
	};
	struct session session;
	const char *all;

	(void)state;
	begin(&session);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(ask(&session, "%s", rows[i][0]),
		    rows[i][1]);
	/* amd64: 164 bytes of zeros. */
	all = ask(&session, "g");
	assert_int_equal(strlen(all), 2 * 164);
	assert_int_equal(strspn(all, "0"), 2 * 164);
	assert_string_equal(ask(&session, "qSupported:multiprocess+;x+"),
	    "PacketSize=4000;QStartNoAckMode+;qXfer:features:read+;"
	    "qXfer:libraries:read+");
	end(&session);
}

static void
memory(void **state)
{
	struct session session;
	unsigned long long data;

	(void)state;
	begin(&session);
	data = at(&session, "data");
	assert_string_equal(ask(&session, "m%llx,2", data), "abcd");
	assert_string_equal(ask(&session, "m%llX,0", data), "");
	assert_string_equal(ask(&session, "m%llx,8",
	    at(&session, "vnet_entry_v")), "01020304ff060708");
	assert_string_equal(ask(&session, "m10,1"), "E0e");
	assert_string_equal(ask(&session, "mffffffffffffffff,8"), "E0e");
	for (const char *const *bad = (const char *const[]){ "m", "m,", "m0",
	    "mx,1", "m0,", "m0,1,", "m0,1x", "m10000000000000000,1",
	    "m0,10000000000000000", NULL }; *bad != NULL; bad++)
		assert_string_equal(ask(&session, "%s", *bad), "E01");
	/* No more than a packet holds, and no more than is mapped. */
	assert_true(strlen(ask(&session, "m%llx,ffffffffffffffff",
	    data)) <= 0x4000);
	end(&session);
}

/* The copies of N-03's kind: one variable, one byte apart in each. */
static void
instances(void **state)
{
	struct session session;
	unsigned long long v, c;
	kldsim_addr copy;

	(void)state;
	begin(&session);
	v = at(&session, "vnet_entry_v");
	c = at(&session, "pcpu_entry_c");
	/* Something that every copy has of its own: where it is. */
	assert_int_equal(kldsim_set_translate(session.kern.sim,
	    KLDSIM_SET_VNET, 1, v, &copy), KLDSIM_OK);
	assert_string_equal(monitor(&session, "vnet"),
	    "reads of the kernel's set show the reference copy\n");
	assert_string_equal(monitor(&session, "vnet 1"),
	    "reads of the kernel's set show vnet 1\n");
	assert_string_equal(ask(&session, "m%llx,8", v), "01020304ff060708");
	assert_string_equal(monitor(&session, "vnet 2"),
	    "there is no vnet 2\n");
	assert_string_equal(monitor(&session, "vnet x"),
	    "there is no vnet x\n");
	assert_string_equal(monitor(&session, "vnet 4294967296"),
	    "there is no vnet 4294967296\n");
	assert_string_equal(monitor(&session, " vnet  "),
	    "reads of the kernel's set show vnet 1\n");
	assert_string_equal(monitor(&session, "cpu 1"),
	    "reads of the kernel's set show CPU 1\n");
	assert_string_equal(ask(&session, "m%llx,8", c), "05060708090a0b0c");
	assert_string_equal(monitor(&session, "vnet reference"),
	    "reads of the kernel's set show the reference copy\n");
	end(&session);
}

/*
 * Vnets that are there when a module comes have a pointer of its set as the
 * file has it, 0, and only the reference copy is relocated (O-24): so copies
 * tell who is shown.  A read over the end of the set goes on behind it.
 */
static void
another_copy(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	struct session session;
	struct kldsim_set_info set;
	unsigned long long part, text;
	char want[17] = "", behind[20];
	int id;

	(void)state;
	begin(&session);
	(void)kldsim_synth_vnet_pointer(module, "p",
	    kldsim_synth_func(module, "f"), 0);
	id = kern_load(&session.kern, module, "p.ko");
	part = kern_section(&session.kern, id, "set_vnet").address;
	text = kern_section(&session.kern, id, ".text").address;
	for (size_t i = 0; i < 8; i++)
		(void)snprintf(want + 2 * i, 3, "%02x",
		    (unsigned)(text >> 8 * i & 0xff));
	assert_string_equal(ask(&session, "m%llx,8", part), want);
	(void)monitor(&session, "vnet 1");
	assert_string_equal(ask(&session, "m%llx,8", part),
	    "0000000000000000");
	set = kern_set(&session.kern, KLDSIM_SET_VNET);
	(void)monitor(&session, "vnet reference");
	(void)snprintf(behind, sizeof(behind), "%s", ask(&session, "m%llx,4",
	    (unsigned long long)set.stop));
	(void)monitor(&session, "vnet 1");
	assert_string_equal(ask(&session, "m%llx,8",
	    (unsigned long long)set.stop - 4) + 8, behind);
	assert_string_equal(ask(&session, "m%llx,8",
	    (unsigned long long)set.start - 4) + 8, "01020304");
	end(&session);
}

/* E-53, N-17: a relocatable file's sections have sh_addr 0. */
static void
libraries(void **state)
{
	struct session session;
	const char *list;
	char want[600];
	int id;

	(void)state;
	begin(&session);
	assert_string_equal(ask(&session, "qXfer:libraries:read::0,100"),
	    "l<library-list version=\"1.0\">\n</library-list>\n");
	assert_string_equal(ask(&session, "?"), "T05thread:1;");
	id = kern_load(&session.kern, module_with_set(R121, "set_vnet", 8, 1),
	    "a&<#>.ko");
	assert_string_equal(ask(&session, "?"), "T05thread:1;library:;");
	list = ask(&session, "qXfer:libraries:read::0,4000");
	(void)snprintf(want, sizeof(want), "l<library-list version=\"1.0\">\n"
	    "<library name=\"" MODULE_PATH("a&amp;&lt;}\x03&gt;.ko") "\">"
	    "<section address=\"0x%llx\"/>",
	    (unsigned long long)kern_section(&session.kern, id,
	    "set_vnet").address);
	assert_int_equal(strncmp(list, want, strlen(want)), 0);
	assert_string_equal(ask(&session, "?"), "T05thread:1;");
	/* In pieces, and past the end. */
	assert_string_equal(ask(&session, "qXfer:libraries:read::1,7"),
	    "mlibrary");
	assert_string_equal(ask(&session,
	    "qXfer:libraries:read::ffffffffffffffff,7"), "l");
	assert_string_equal(ask(&session, "qXfer:libraries:read::0"), "E01");
	assert_string_equal(ask(&session, "qXfer:libraries:read:x:0,1"), "");
	assert_string_equal(ask(&session,
	    "qXfer:features:read:target.xml:0,1000"), "l<?xml "
	    "version=\"1.0\"?><target version=\"1.0\"><architecture>"
	    "i386:x86-64</architecture></target>");
	end(&session);
}

/* The calls, with what the kernel says; the next stop tells of libraries. */
static void
calls(void **state)
{
	struct session session;
	const char *said;

	(void)state;
	begin(&session);
	(void)ask(&session, "qXfer:libraries:read::0,100");
	said = monitor(&session, "kldload nowhere");
	assert_non_null(strstr(said, "[file-not-found]\n"
	    "kldload nowhere: No such file or directory\n"));
	assert_string_equal(monitor(&session, "kldunload nowhere"),
	    "kldunload: can't find file nowhere\n");
	assert_string_equal(monitor(&session, "kldload"),
	    "usage: monitor kldload NAME\n");
	assert_string_equal(monitor(&session, "kldfrob x"),
	    "there is no such command; `monitor help' lists them\n");
	said = monitor(&session, "help");
	assert_non_null(strstr(said, "monitor kldunload NAME: unload one"));
	(void)kern_load(&session.kern, module_with_set(R121, "set_vnet", 8, 1),
	    "a.ko");
	(void)ask(&session, "qXfer:libraries:read::0,100");
	said = monitor(&session, "kldstat");
	assert_non_null(strstr(said, "Id Refs Address                Size "
	    "Name\n 1    2 0x"));
	assert_non_null(strstr(said, " a.ko\n"));
	assert_non_null(strstr(monitor(&session, "kldunload a.ko"),
	    "kldunload a.ko: done"));
	assert_string_equal(ask(&session, "c"), "T05thread:1;library:;");
	assert_string_equal(ask(&session, "qXfer:libraries:read::0,100"),
	    "l<library-list version=\"1.0\">\n</library-list>\n");
	assert_string_equal(ask(&session, "qRcmd,6"), "E01");
	assert_string_equal(ask(&session, "qRcmd,6g"), "E01");
	end(&session);
}

/* All that came out, taken. */
static const char *
output(struct kldsim_gdb *gdb)
{
	static char text[70000];
	size_t size;
	const void *bytes = kldsim_gdb_output(gdb, &size);

	assert_true(size < sizeof(text));
	if (size != 0)
		memcpy(text, bytes, size);
	text[size] = '\0';
	kldsim_gdb_sent(gdb, size);
	return text;
}

static const char *
say(struct session *session, const char *bytes)
{
	size_t taken;

	assert_int_equal(kldsim_gdb_input(session->gdb, bytes, strlen(bytes),
	    &taken), KLDSIM_OK);
	assert_int_equal(taken, strlen(bytes));
	return output(session->gdb);
}

/* Checksums by hand: "qC" is 0x71 + 0x43 = 0xb4; "QC1" 0x51+0x43+0x31 = 0xc5. */
static void
frames(void **state)
{
	struct session session;

	(void)state;
	begin(&session);
	assert_string_equal(say(&session, "+$qC#b4"), "+$QC1#c5");
	assert_string_equal(say(&session, "$qC#b5"), "-");
	assert_string_equal(say(&session, "$q"), "");
	assert_string_equal(say(&session, "C#b"), "");
	assert_string_equal(say(&session, "4\3+-"), "+$QC1#c5");
	/* E-51: a packet that was repeated before anybody came is one. */
	assert_string_equal(say(&session, "$qC#b4$qC#b4"), "+$QC1#c5");
	assert_string_equal(say(&session, "$QStartNoAckMode#b0"), "+$OK#9a");
	assert_string_equal(say(&session, "+$qC#b4$qC#00"),
	    "$QC1#c5$QC1#c5");
	/* A packet that was broken off. */
	assert_string_equal(say(&session, "$m12$qC#b4"), "$QC1#c5");
	assert_int_equal(kldsim_gdb_wants(session.gdb), KLDSIM_GDB_TALKS);
	assert_string_equal(say(&session, "$D#44"), "$OK#9a");
	assert_int_equal(kldsim_gdb_wants(session.gdb), KLDSIM_GDB_DETACHED);
	/* Who has left is not answered. */
	assert_string_equal(say(&session, "$qC#b4"), "");
	end(&session);
	begin(&session);
	assert_string_equal(say(&session, "$k#6b"), "+");
	assert_int_equal(kldsim_gdb_wants(session.gdb), KLDSIM_GDB_KILLED);
	end(&session);
	begin(&session);
	assert_string_equal(say(&session, "$vKill;1#6e"), "+$OK#9a");
	assert_int_equal(kldsim_gdb_wants(session.gdb), KLDSIM_GDB_KILLED);
	end(&session);
}

/* A client that never ends its packet, and one that never reads. */
static void
floods(void **state)
{
	static char flood[100000];
	struct session session;
	size_t taken, all = 0, size, largest = 0;

	(void)state;
	begin(&session);
	memset(flood, 'm', sizeof(flood));
	flood[0] = '$';
	for (int i = 0; i < 100; i++)
		assert_int_equal(kldsim_gdb_input(session.gdb, flood,
		    sizeof(flood), &taken), KLDSIM_OK);
	(void)output(session.gdb);
	assert_string_equal(say(&session, "+$qC#b4"), "+$QC1#c5");
	/* 16 KiB of answer for each of these. */
	assert_string_equal(say(&session, "$QStartNoAckMode#b0"), "+$OK#9a");
	(void)snprintf(flood, sizeof(flood), "$m%llx,2000#00",
	    (unsigned long long)kern_set(&session.kern,
	    KLDSIM_SET_VNET).start);
	for (int i = 0; i < 10000; i++) {
		assert_int_equal(kldsim_gdb_input(session.gdb, flood,
		    strlen(flood), &taken), KLDSIM_OK);
		all += taken;
		(void)kldsim_gdb_output(session.gdb, &size);
		if (size > largest)
			largest = size;
	}
	assert_true(all < 200000);
	assert_true(largest < 300000);
	/* It reads at last. */
	do {
		(void)kldsim_gdb_output(session.gdb, &size);
		kldsim_gdb_sent(session.gdb, size);
		assert_int_equal(kldsim_gdb_input(session.gdb, NULL, 0,
		    &taken), KLDSIM_OK);
	} while (size != 0);
	assert_string_equal(say(&session, "$qC#b4"), "$QC1#c5");
	end(&session);
}

/* Whatever is asked, kernel, console and findings are as they were. */
static void
questions(void **state)
{
	static const char *const asked[] = {
		"?", "g", "qXfer:libraries:read::0,4000", "m0,8", "c",
		"qXfer:features:read:target.xml:0,100", "M0,1:00",
	};
	struct session session;
	char *before, *after;

	(void)state;
	begin(&session);
	(void)kern_load(&session.kern, module_with_set(R121, "set_vnet", 8, 1),
	    "a.ko");
	before = kern_digest(&session.kern);
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++)
		(void)ask(&session, "%s", asked[i]);
	(void)ask(&session, "m%llx,8", at(&session, "data"));
	(void)monitor(&session, "vnet 1");
	(void)monitor(&session, "kldstat");
	after = kern_digest(&session.kern);
	assert_string_equal(before, after);
	free(before);
	free(after);
	end(&session);
}

/*
 * Every request for memory refused once: that answer is lost and no more, or
 * it is none that the answer needs.
 */
static void
no_memory(void **state)
{
	static const char *const asked[] = { "qXfer:libraries:read::0,4000",
		"g", "qRcmd,6b6c6473746174" };
	struct support_alloc alloc;
	struct session session;
	const char *answer;
	size_t size;

	(void)state;
	kern_init(&session.kern, R121);
	(void)kldsim_synth_object(session.kern.synth, "linker_files", NULL, 16,
	    8);
	support_alloc_init(&alloc, -1);
	session.kern.options.allocator = support_allocator(&alloc);
	kern_boot(&session.kern);
	(void)kern_load(&session.kern, module_with_set(R121, "set_vnet", 8, 1),
	    "a.ko");
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		char whole[2000];

		assert_int_equal(kldsim_gdb_new(session.kern.sim, "/w",
		    &session.gdb), KLDSIM_OK);
		(void)snprintf(whole, sizeof(whole), "%s", ask(&session, "%s",
		    asked[i]));
		kldsim_gdb_free(session.gdb);
		alloc.failed = 1;
		for (long n = 0; alloc.failed != 0; n++) {
			enum kldsim_status status;

			alloc.fail_at = alloc.calls + n;
			alloc.failed = 0;
			status = kldsim_gdb_new(session.kern.sim, "/w",
			    &session.gdb);
			if (status == KLDSIM_OK)
				status = kldsim_gdb_packet(session.gdb,
				    asked[i], strlen(asked[i]), &answer,
				    &size);
			if (status == KLDSIM_OK) {
				assert_int_equal(size, strlen(whole));
				assert_memory_equal(answer, whole, size);
			} else {
				assert_int_equal(status, KLDSIM_NOMEM);
				assert_int_equal(alloc.failed, 1);
			}
			alloc.fail_at = -1;
			kldsim_gdb_free(session.gdb);
		}
	}
	/* As a stream: that is the end of the connection. */
	for (long n = 0, failed = 1; failed != 0; n++) {
		static const char bytes[] = "+$g#67";
		size_t taken;

		assert_int_equal(kldsim_gdb_new(session.kern.sim, NULL,
		    &session.gdb), KLDSIM_OK);
		alloc.fail_at = alloc.calls + n;
		alloc.failed = 0;
		enum kldsim_status status = kldsim_gdb_input(session.gdb,
		    bytes, strlen(bytes), &taken);

		failed = alloc.failed;
		alloc.fail_at = -1;
		assert_int_equal(status, failed ? KLDSIM_NOMEM : KLDSIM_OK);
		kldsim_gdb_free(session.gdb);
	}
	kern_fini(&session.kern);
}

/* Names that XML has other words for, or none; and a 32-bit kernel's copies. */
static void
other_kernels(void **state)
{
	struct session session;
	kldsim_addr v;

	(void)state;
	begin(&session);
	(void)kern_load(&session.kern, module_with_set(R121, "set_vnet", 8, 1),
	    "a\"b.ko");
	(void)kern_load(&session.kern, module_with_set(R121, "set_vnet", 8, 1),
	    "c\1d.ko");
	assert_non_null(strstr(ask(&session, "qXfer:libraries:read::0,1000"),
	    "/a&quot;b.ko\""));
	assert_null(strstr(ask(&session, "qXfer:libraries:read::0,1000"),
	    "d.ko"));
	assert_string_equal(monitor(&session, "vnet \1"),
	    "there is no vnet ?\n");
	end(&session);
	kern_init_machine(&session.kern, "powerpc", R121);
	(void)kldsim_synth_vnet(session.kern.synth, "v", "\1\2\3\4", 4, 4);
	kern_boot(&session.kern);
	assert_int_equal(kldsim_gdb_new(session.kern.sim, NULL,
	    &session.gdb), KLDSIM_OK);
	v = kern_symbol(&session.kern, "vnet_entry_v");
	(void)monitor(&session, "vnet 0");
	assert_string_equal(ask(&session, "m%llx,4", (unsigned long long)v),
	    "01020304");
	end(&session);
}

/* A module as a file of the host; the builder is freed. */
static void
put_module(const char *path, struct kldsim_synth *module)
{
	FILE *file = fopen(path, "w");
	struct kldsim_error error;
	void *bytes;
	size_t size;

	assert_non_null(file);
	assert_int_equal(kldsim_synth_finish(module, &bytes, &size, &error),
	    KLDSIM_OK);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
	kldsim_synth_free_bytes(bytes);
	kldsim_synth_free(module);
}

/* Files of the host: one that is refused, and one that ends the kernel. */
static void
bad_calls(void **state)
{
	struct kldsim_synth *module = module_new(R121);
	char path[] = "/tmp/kldsim-gdb-XXXXXX", command[100];
	struct session session;
	const char *said;
	int section, fd;

	(void)state;
	fd = mkstemp(path);
	assert_true(fd >= 0);
	(void)close(fd);
	(void)snprintf(command, sizeof(command), "kldload %s", path);
	kldsim_synth_mdt_depend(module, "nowhere", 1, 1, 1);
	put_module(path, module);
	begin(&session);
	said = monitor(&session, command);
	/* K-30: the console line, word for word. */
	assert_non_null(strstr(said, " - not available or version mismatch\n"));
	assert_non_null(strstr(said, ": Exec format error\n"));
	module = module_new(R121);
	section = module_section(module, ".data", 1, KERN_ALLOC_WRITE, 8, 8);
	(void)kldsim_synth_reloc(module, section, 0, "R_X86_64_64",
	    kldsim_synth_ref(module, "printf"), 0);
	kldsim_synth_override(module, "rela[.data][0].r_offset",
	    UINT64_C(0xfffffffffffffffc));
	put_module(path, module);
	(void)kern_load(&session.kern, module_with_set(R121, "set_vnet", 8, 1),
	    "a.ko");
	said = monitor(&session, command);
	assert_non_null(strstr(said, "The real kernel would have panicked"));
	/* It is dead, and can be read. */
	assert_null(strstr(monitor(&session, command), "panicked: "));
	assert_null(strstr(monitor(&session, "kldunload a.ko"), "done"));
	assert_string_equal(ask(&session, "m%llx,2", at(&session, "data")),
	    "abcd");
	assert_int_equal(remove(path), 0);
	end(&session);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets),
		cmocka_unit_test(memory),
		cmocka_unit_test(instances),
		cmocka_unit_test(another_copy),
		cmocka_unit_test(libraries),
		cmocka_unit_test(calls),
		cmocka_unit_test(frames),
		cmocka_unit_test(floods),
		cmocka_unit_test(questions),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(other_kernels),
		cmocka_unit_test(bad_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
