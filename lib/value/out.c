/* SPDX-License-Identifier: BSD-2-Clause */

#include <stdarg.h>
#include <stdio.h>

#include "value/value.h"

#define ENOUGH 0x4000u /* bytes that are handed on at once */

void
kldsim__value_flush(struct kldsim__value_out *out)
{
	if (out->text.failed && out->status == KLDSIM_OK)
		out->status = KLDSIM_NOMEM;
	if (out->status == KLDSIM_OK && out->text.size != 0) {
		out->sys_errno = out->write(out->user, out->text.bytes,
		    out->text.size);
		if (out->sys_errno != 0)
			out->status = KLDSIM_SYS;
	}
	out->text.size = 0;
}

void
kldsim__value_puts(struct kldsim__value_out *out, const char *text)
{
	if (out->status != KLDSIM_OK)
		return;
	kldsim__text_puts(&out->text, text);
	if (out->text.size >= ENOUGH)
		kldsim__value_flush(out);
}

void
kldsim__value_printf(struct kldsim__value_out *out, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	kldsim__value_puts(out, text);
}

void
kldsim__value_put_hex(struct kldsim__value_out *out, const uint8_t *bytes,
    uint64_t size)
{
	for (uint64_t i = 0; i < size && kldsim__value_step(out); i++)
		kldsim__value_printf(out, i == 0 ? "%02x" : " %02x", bytes[i]);
}

bool
kldsim__value_step(struct kldsim__value_out *out)
{
	if (out->status == KLDSIM_OK && out->steps-- == 0)
		out->status = KLDSIM_LIMIT;
	return (out->status == KLDSIM_OK);
}
