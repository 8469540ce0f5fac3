/* SPDX-License-Identifier: BSD-2-Clause */

/* Records of linker.hints, and what the tool says meanwhile. */

#include "kldxref/kldxref.h"

#include <stdarg.h>
#include <stdio.h>

/* A folder's result; the kernel takes 1 MiB, devmatch(8) any. */
#define OUT_MAX ((size_t)256 << 20)

#define FILE_VERSION 1 /* H-01 */
#define STRING_MAX 255 /* H-02 */

void
kldsim__xref_say(struct kldsim__xref *xref, enum kldsim_log_level level,
    const char *format, ...)
{
	char text[5000]; /* a path and a bit */
	va_list args;

	if (xref->log == NULL)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	xref->log(xref->log_user, level, text);
}

enum kldsim_status
kldsim__xref_fail(struct kldsim__xref *xref, enum kldsim_status status,
    int sys_errno, const char *format, ...)
{
	va_list args;

	if (xref->status != KLDSIM_OK)
		return (xref->status); /* the first one counts */
	xref->status = status;
	xref->sys_errno = sys_errno;
	va_start(args, format);
	(void)vsnprintf(xref->text, sizeof(xref->text), format, args);
	va_end(args);
	return (status);
}

/* Room for a result of this size. */
static bool
reserve(struct kldsim__xref *xref, size_t size)
{
	struct kldsim__xref_out *out = &xref->out;

	if (size > OUT_MAX) {
		(void)kldsim__xref_fail(xref, KLDSIM_LIMIT, 0,
		    "the records of one folder take over %zu bytes", OUT_MAX);
		return (false);
	}
	if (!kldsim__grow(&xref->alloc, &out->bytes, &out->capacity, size, 1)) {
		(void)kldsim__xref_fail(xref, KLDSIM_NOMEM, 0, "no memory");
		return (false);
	}
	return (true);
}

static void
append_int(struct kldsim__xref *xref, uint32_t value)
{
	struct kldsim__xref_out *out = &xref->out;

	kldsim__store(out->bytes + out->size, 4, xref->arch.big, value);
	out->size += 4;
}

bool
kldsim__xref_begin(struct kldsim__xref *xref)
{
	xref->out.size = 0;
	xref->out.records = 0;
	if (xref->record == NULL)
		xref->record = kldsim__malloc(&xref->alloc,
		    KLDSIM__XREF_RECORD);
	if (xref->record == NULL)
		(void)kldsim__xref_fail(xref, KLDSIM_NOMEM, 0, "no memory");
	return (xref->record != NULL);
}

void
kldsim__xref_record_start(struct kldsim__xref *xref)
{
	xref->record_at = 0;
}

/* Bytes at the end of the record; H-06: the tool gives up when it is full. */
static void
put(struct kldsim__xref *xref, const void *bytes, size_t size)
{
	if (KLDSIM__XREF_RECORD - xref->record_at < size) {
		(void)kldsim__xref_fail(xref, KLDSIM_MALFORMED, 0,
		    "record buffer overflow");
		return;
	}
	memcpy(xref->record + xref->record_at, bytes, size);
	xref->record_at += size;
}

/* Zeros up to a multiple of four; the buffer is such a multiple. */
static void
align(struct kldsim__xref *xref)
{
	while (xref->record_at % 4 != 0)
		xref->record[xref->record_at++] = 0;
}

void
kldsim__xref_record_int(struct kldsim__xref *xref, uint32_t value)
{
	uint8_t bytes[4];

	kldsim__store(bytes, sizeof(bytes), xref->arch.big, value);
	align(xref);
	put(xref, bytes, sizeof(bytes));
}

void
kldsim__xref_record_string(struct kldsim__xref *xref, const char *text)
{
	size_t length = strlen(text);
	uint8_t byte = (uint8_t)length;

	if (length > STRING_MAX) {
		(void)kldsim__xref_fail(xref, KLDSIM_MALFORMED, 0,
		    "string %s too long", text);
		return;
	}
	put(xref, &byte, 1);
	put(xref, text, length);
}

void
kldsim__xref_record_end(struct kldsim__xref *xref)
{
	struct kldsim__xref_out *out = &xref->out;

	if (xref->record_at == 0 || xref->status != KLDSIM_OK)
		return;
	align(xref);
	if (!reserve(xref, out->size + 2 * 4 + xref->record_at))
		return;
	/*
	 * The old tool has written the version when it came to the folder, the
	 * new one does it here, knowing its byte order; a file without a
	 * record is no file in either case (H-07 to H-09).
	 */
	if (out->records++ == 0)
		append_int(xref, FILE_VERSION);
	append_int(xref, (uint32_t)xref->record_at);
	memcpy(out->bytes + out->size, xref->record, xref->record_at);
	out->size += xref->record_at;
}
