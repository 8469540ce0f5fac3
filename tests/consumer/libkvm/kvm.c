/* SPDX-License-Identifier: BSD-2-Clause */

/* libkvm's names over libkldsim: see kvm.h. */

#include <kvm.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kldsim/kldsim.h>

struct kvm {
	struct kldsim *sim;
	struct kldsim_kvm_view view;
	const char *program; /* errors are printed at once */
	char error[_POSIX2_LINE_MAX];
};

static void
complain(kvm_t *kd, const char *text)
{
	if (kd->program != NULL)
		(void)fprintf(stderr, "%s: %s\n", kd->program, text);
	else
		(void)snprintf(kd->error, sizeof(kd->error), "%s", text);
}

/* --- opening --- */

static enum kldsim_status
boot(kvm_t *kd, const char *kernel, struct kldsim_error *error)
{
	struct kldsim_image *image;
	enum kldsim_status status = kldsim_image_open(kernel, &image, error);

	if (status != KLDSIM_OK)
		return (status);
	status = kldsim_boot(image, NULL, &kd->sim, error);
	kldsim_image_unref(image);
	return (status);
}

/* A refusal is as bad as a failure here: nobody expects it. */
static enum kldsim_status
load(kvm_t *kd, const char *path, struct kldsim_error *error)
{
	struct kldsim_result result;
	enum kldsim_status status = kldsim_kldload_path(kd->sim, path, &result,
	    error);

	if (status == KLDSIM_OK && result.error != 0) {
		status = error->status = KLDSIM_STATE;
		(void)snprintf(error->text, sizeof(error->text),
		    "%s: the kernel refuses it with errno %d", path,
		    result.error);
	}
	return (status);
}

static enum kldsim_status
play_line(kvm_t *kd, char *line, struct kldsim_error *error)
{
	unsigned vnet;

	line[strcspn(line, "#\n")] = '\0';
	if (strspn(line, " \t") == strlen(line))
		return (KLDSIM_OK);
	if (strncmp(line, "kldload ", 8) == 0)
		return (load(kd, line + 8, error));
	if (strcmp(line, "vnet create") == 0)
		return (kldsim_vnet_alloc(kd->sim, &vnet, error));
	error->status = KLDSIM_ARG;
	(void)snprintf(error->text, sizeof(error->text), "neither kldload nor "
	    "vnet create: %.200s", line);
	return (KLDSIM_ARG);
}

static enum kldsim_status
play(kvm_t *kd, const char *scenario, struct kldsim_error *error)
{
	enum kldsim_status status = KLDSIM_OK;
	char line[1024];
	FILE *file;

	if (scenario == NULL)
		return (KLDSIM_OK);
	file = fopen(scenario, "r");
	if (file == NULL) {
		(void)snprintf(error->text, sizeof(error->text), "%s: %s",
		    scenario, strerror(errno));
		return (KLDSIM_SYS);
	}
	while (status == KLDSIM_OK && fgets(line, sizeof(line), file) != NULL)
		status = play_line(kd, line, error);
	(void)fclose(file);
	return (status);
}

static kvm_t *
open_kernel(const char *kernel, const char *scenario, const char *program,
    char *text)
{
	kvm_t *kd = calloc(1, sizeof(*kd));
	struct kldsim_error error = { 0 };

	*text = '\0';
	if (kd == NULL)
		return (NULL);
	kd->program = program;
	if (boot(kd, kernel, &error) == KLDSIM_OK &&
	    play(kd, scenario, &error) == KLDSIM_OK)
		return (kd);
	(void)snprintf(text, _POSIX2_LINE_MAX, "%s", error.text);
	(void)kvm_close(kd);
	return (NULL);
}

kvm_t *
kvm_openfiles(const char *execfile, const char *corefile, const char *swapfile,
    int flags, char *errbuf)
{
	char text[_POSIX2_LINE_MAX];

	(void)swapfile;
	(void)flags;
	return (open_kernel(execfile, corefile, NULL, errbuf != NULL ?
	    errbuf : text));
}

kvm_t *
kvm_open(const char *execfile, const char *corefile, const char *swapfile,
    int flags, const char *errstr)
{
	char text[_POSIX2_LINE_MAX];
	kvm_t *kd = open_kernel(execfile, corefile, errstr, text);

	(void)swapfile;
	(void)flags;
	if (kd == NULL && errstr != NULL)
		(void)fprintf(stderr, "%s: %s\n", errstr, text);
	return (kd);
}

int
kvm_close(kvm_t *kd)
{
	kldsim_destroy(kd->sim);
	free(kd);
	return (0);
}

/* --- names --- */

static size_t
length_of(const struct nlist *list)
{
	size_t n = 0;

	while (list[n].n_name != NULL && list[n].n_name[0] != '\0')
		n++;
	return (n);
}

int
kvm_nlist(kvm_t *kd, struct nlist *list)
{
	const size_t count = length_of(list);
	struct kldsim_kvm_entry *entries = calloc(count + 1, sizeof(*entries));
	struct kldsim_error error = { .text = "no memory" };
	size_t missing = 0;
	int answer = -1;

	for (size_t i = 0; i < count && entries != NULL; i++)
		entries[i].name = list[i].n_name;
	if (entries != NULL && kldsim_kvm_nlist(kd->sim, &kd->view, entries,
	    count, &missing, &error) == KLDSIM_OK)
		answer = (int)missing;
	else
		complain(kd, error.text);
	for (size_t i = 0; i < count && answer >= 0; i++) {
		list[i].n_type = entries[i].type;
		list[i].n_other = 0;
		list[i].n_desc = 0;
		list[i].n_value = (unsigned long)entries[i].value;
	}
	if (answer > 0)
		complain(kd, "kvm_nlist: No such file or directory");
	free(entries);
	return (answer);
}

/* The CPU is seen by the next kvm_nlist. */
int
kvm_dpcpu_setcpu(kvm_t *kd, unsigned cpu)
{
	struct kldsim_kvm_view view = { .cpu = cpu, .vnet = kd->view.vnet };
	struct kldsim_error error = { 0 };
	size_t missing;

	if (kldsim_kvm_nlist(kd->sim, &view, NULL, 0, &missing, &error) !=
	    KLDSIM_OK) {
		complain(kd, error.text);
		return (-1);
	}
	kd->view = view;
	return (0);
}

/* --- memory --- */

ssize_t
kvm_read(kvm_t *kd, unsigned long address, void *buffer, size_t size)
{
	char text[64];

	if (kldsim_read(kd->sim, address, buffer, size) == KLDSIM_OK)
		return ((ssize_t)size);
	/* Kept, never printed. */
	(void)snprintf(text, sizeof(text), "invalid address (0x%lx)", address);
	(void)snprintf(kd->error, sizeof(kd->error), "%s", text);
	return (-1);
}

ssize_t
kvm_write(kvm_t *kd, unsigned long address, const void *buffer, size_t size)
{
	(void)address;
	(void)buffer;
	(void)size;
	complain(kd, "kvm_write not implemented for dead kernels");
	return (-1);
}

char *
kvm_geterr(kvm_t *kd)
{
	static char none[1];

	return (kd != NULL ? kd->error : none);
}

int
kvm_native(kvm_t *kd)
{
	(void)kd;
	return (1);
}

struct kinfo_proc *
kvm_getprocs(kvm_t *kd, int op, int arg, int *count)
{
	(void)op;
	(void)arg;
	*count = 0;
	complain(kd, "no processes are simulated");
	return (NULL);
}
