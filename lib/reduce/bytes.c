/* SPDX-License-Identifier: BSD-2-Clause */

/* Contents of sections: a shorter text, and zeros where nobody looks. */

#include <stdlib.h>
#include <string.h>

#include "reduce/reduce.h"

#define LONGEST 16384 /* bytes that are looked at one by one */

/* The digits alone; their number, which is even, or 0. */
static size_t
digits_of(const char *text, size_t length, char *digits)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++)
		if (strchr(" \t\n_", text[i]) == NULL)
			digits[n++] = text[i];
	return (n % 2 == 0 ? n : 0);
}

static bool
try_digits(struct kldsim_reduce *reduce, struct kldsim__reduce_file *file,
    uint32_t node, const char *digits, size_t n)
{
	kldsim__reduce_replace(reduce, file, node, digits, n);
	return (kldsim__reduce_try(reduce, file));
}

/* Without its end: a half, a quarter, down to a byte. */
static bool
cut(struct kldsim_reduce *reduce, struct kldsim__reduce_file *file,
    uint32_t node, char *digits, size_t *n)
{
	bool changed = false;

	for (size_t less = *n / 4 * 2; less != 0 && !reduce->stopped;) {
		if (less < *n && try_digits(reduce, file, node, digits,
		    *n - less)) {
			*n -= less;
			changed = true;
		} else {
			less = less / 4 * 2;
		}
	}
	return (changed);
}

/* Zeros in place of some bytes: a half at a time, down to one. */
static bool
clear(struct kldsim_reduce *reduce, struct kldsim__reduce_file *file,
    uint32_t node, char *digits, size_t n, char *saved)
{
	bool changed = false;

	for (size_t chunk = n; chunk >= 2 && !reduce->stopped;
	    chunk = chunk == 2 ? 0 : (chunk + 2) / 4 * 2) {
		for (size_t i = 0; i < n; i += chunk) {
			const size_t size = n - i < chunk ? n - i : chunk;

			if (strspn(digits + i, "0") >= size)
				continue;
			memcpy(saved, digits + i, size);
			memset(digits + i, '0', size);
			if (try_digits(reduce, file, node, digits, n))
				changed = true;
			else
				memcpy(digits + i, saved, size);
		}
	}
	return (changed);
}

static bool
reduce_content(struct kldsim_reduce *reduce, struct kldsim__reduce_file *file,
    uint32_t node)
{
	const size_t length = file->tree.nodes[node].length;
	char *digits, *saved;
	bool changed = false;
	size_t n;

	digits = calloc(2, length + 1);
	if (digits == NULL) {
		reduce->failed = true;
		return (false);
	}
	saved = digits + length + 1;
	n = digits_of(file->tree.nodes[node].text, length, digits);
	changed |= cut(reduce, file, node, digits, &n);
	digits[n] = '\0';
	if (n <= 2 * LONGEST)
		changed |= clear(reduce, file, node, digits, n, saved);
	free(digits);
	return (changed);
}

bool
kldsim__reduce_bytes(struct kldsim_reduce *reduce,
    struct kldsim__reduce_file *file)
{
	bool changed = false;

	for (uint32_t i = 1; i < file->tree.count && !reduce->stopped;) {
		const struct kldsim__reduce_node *node = &file->tree.nodes[i];

		if (node->gone) {
			i = node->end;
			continue;
		}
		if (node->key != NULL && strcmp(node->key, "bytes") == 0 &&
		    node->text != NULL && node->length != 0)
			changed |= reduce_content(reduce, file, i);
		i++;
	}
	return (changed);
}
