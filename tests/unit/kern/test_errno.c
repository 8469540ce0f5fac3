/* SPDX-License-Identifier: BSD-2-Clause */

/* FreeBSD's errnos, by name, number and text, on whatever host. */

#include <errno.h>

#include <kldsim/report.h>

#include "report/freebsd_errno.h"
#include "support_base.h"

/* In the order of FreeBSD's sys/errno.h, from 1 to ELAST. */
static const char *const names[] = {
	"EPERM", "ENOENT", "ESRCH", "EINTR", "EIO", "ENXIO", "E2BIG", "ENOEXEC",
	"EBADF", "ECHILD", "EDEADLK", "ENOMEM", "EACCES", "EFAULT", "ENOTBLK",
	"EBUSY", "EEXIST", "EXDEV", "ENODEV", "ENOTDIR", "EISDIR", "EINVAL",
	"ENFILE", "EMFILE", "ENOTTY", "ETXTBSY", "EFBIG", "ENOSPC", "ESPIPE",
	"EROFS", "EMLINK", "EPIPE", "EDOM", "ERANGE", "EAGAIN", "EINPROGRESS",
	"EALREADY", "ENOTSOCK", "EDESTADDRREQ", "EMSGSIZE", "EPROTOTYPE",
	"ENOPROTOOPT", "EPROTONOSUPPORT", "ESOCKTNOSUPPORT", "EOPNOTSUPP",
	"EPFNOSUPPORT", "EAFNOSUPPORT", "EADDRINUSE", "EADDRNOTAVAIL",
	"ENETDOWN", "ENETUNREACH", "ENETRESET", "ECONNABORTED", "ECONNRESET",
	"ENOBUFS", "EISCONN", "ENOTCONN", "ESHUTDOWN", "ETOOMANYREFS",
	"ETIMEDOUT", "ECONNREFUSED", "ELOOP", "ENAMETOOLONG", "EHOSTDOWN",
	"EHOSTUNREACH", "ENOTEMPTY", "EPROCLIM", "EUSERS", "EDQUOT", "ESTALE",
	"EREMOTE", "EBADRPC", "ERPCMISMATCH", "EPROGUNAVAIL", "EPROGMISMATCH",
	"EPROCUNAVAIL", "ENOLCK", "ENOSYS", "EFTYPE", "EAUTH", "ENEEDAUTH",
	"EIDRM", "ENOMSG", "EOVERFLOW", "ECANCELED", "EILSEQ", "ENOATTR",
	"EDOOFUS", "EBADMSG", "EMULTIHOP", "ENOLINK", "EPROTO", "ENOTCAPABLE",
	"ECAPMODE", "ENOTRECOVERABLE", "EOWNERDEAD", "EINTEGRITY",
};

/* From -1 downwards. */
static const char *const pseudo[] = {
	"ERESTART", "EJUSTRETURN", "ENOIOCTL", "EDIRIOCTL", "ERELOOKUP",
};

/* The errno of a text; 1000 if there is none. */
static int
parsed(const char *text)
{
	int error = 12345;

	if (kldsim_errno_parse(text, &error) == KLDSIM_OK)
		return (error);
	/* What is wrong leaves no trace. */
	assert_int_equal(error, 12345);
	return (1000);
}

static void
check(int number, const char *name)
{
	char digits[16];

	assert_string_equal(kldsim_errno_name(number), name);
	assert_int_equal(parsed(name), number);
	(void)snprintf(digits, sizeof(digits), "%d", number);
	assert_int_equal(parsed(digits), number);
	assert_string_not_equal(kldsim_errno_text(number), "Unknown error");
}

static void
each_has_its_name_and_number(void **state)
{
	(void)state;
	assert_int_equal(COUNT(names), 97);
	for (size_t i = 0; i < COUNT(names); i++)
		check((int)i + 1, names[i]);
	for (size_t i = 0; i < COUNT(pseudo); i++)
		check(-(int)i - 1, pseudo[i]);
	check(0, "0");
}

/* The names that the code uses, and those with a second name. */
static void
names_in_code(void **state)
{
	(void)state;
	assert_int_equal(KLDSIM__ENOEXEC, 8);
	assert_int_equal(KLDSIM__ENOSPC, 28);
	assert_int_equal(KLDSIM__EWOULDBLOCK, 35);
	assert_int_equal(KLDSIM__EOPNOTSUPP, 45);
	assert_int_equal(KLDSIM__ENOSYS, 78);
	assert_int_equal(KLDSIM__EFTYPE, 79);
	assert_int_equal(parsed("EWOULDBLOCK"), 35);
	assert_int_equal(parsed("ENOTSUP"), 45);
}

/* strerror(3) of FreeBSD, where it differs from other hosts' most. */
static void
texts_are_freebsds(void **state)
{
	(void)state;
	assert_string_equal(kldsim_errno_text(0), "No error: 0");
	assert_string_equal(kldsim_errno_text(6), "Device not configured");
	assert_string_equal(kldsim_errno_text(16), "Device busy");
	assert_string_equal(kldsim_errno_text(19),
	    "Operation not supported by device");
	assert_string_equal(kldsim_errno_text(47),
	    "Address family not supported by protocol family");
	assert_string_equal(kldsim_errno_text(49),
	    "Can't assign requested address");
	assert_string_equal(kldsim_errno_text(69), "Disc quota exceeded");
	assert_string_equal(kldsim_errno_text(79),
	    "Inappropriate file type or format");
	assert_string_equal(kldsim_errno_text(88), "Programming error");
	assert_string_equal(kldsim_errno_text(97), "Integrity check failed");
	assert_string_equal(kldsim_errno_text(-3), "Unknown error: -3");
#ifdef EINTEGRITY /* on FreeBSD */
	for (int error = 0; error <= (int)COUNT(names); error++)
		assert_string_equal(kldsim_errno_text(error), strerror(error));
#endif
}

static void
hosts_have_their_own_numbers(void **state)
{
	static const struct {
		int host;
		int number;
	} same[] = {
		{ EPERM, 1 }, { ENOENT, 2 }, { ENOMEM, 12 }, { EACCES, 13 },
		{ EISDIR, 21 }, { ENOSPC, 28 }, { EAGAIN, 35 },
		{ EWOULDBLOCK, 35 }, { EOPNOTSUPP, 45 }, { ETIMEDOUT, 60 },
		{ ELOOP, 62 }, { ENAMETOOLONG, 63 }, { ENOSYS, 78 },
		{ EOVERFLOW, 84 }, { EPROTO, 92 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(same); i++)
		assert_int_equal(kldsim__errno_from_host(same[i].host),
		    same[i].number);
	/* What FreeBSD has not, or nobody said, is an I/O error. */
	assert_int_equal(kldsim__errno_from_host(0), 5);
	assert_int_equal(kldsim__errno_from_host(9999), 5);
	assert_int_equal(kldsim__errno_from_host(-1), 5);
}

static void
what_is_none(void **state)
{
	static const char *const none[] = { "", "-", "EFOO", "E?", "98", "-6",
		"+2", " 2", "2 ", "2x", "0x2", "enoent", "ENOENT ", "ELAST",
		"99999999999999999999", "4294967298" };

	(void)state;
	for (size_t i = 0; i < COUNT(none); i++)
		assert_int_equal(parsed(none[i]), 1000);
	assert_string_equal(kldsim_errno_name(98), "E?");
	assert_string_equal(kldsim_errno_name(-6), "E?");
	assert_string_equal(kldsim_errno_text(9999), "Unknown error");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_its_name_and_number),
		cmocka_unit_test(names_in_code),
		cmocka_unit_test(texts_are_freebsds),
		cmocka_unit_test(hosts_have_their_own_numbers),
		cmocka_unit_test(what_is_none),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
