/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_JSON_H
#define REPORT_JSON_H

/* JSON values of our own kinds.  Running out of memory ends the program. */

#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

/* json_pack() that cannot fail; keys keep their order. */
json_t *json_make(const char *format, ...);

/* Set a key of an object, which takes the value over; NULL is null. */
void json_set(json_t *object, const char *key, json_t *value);

/* Append to an array, which takes the value over. */
void json_append(json_t *array, json_t *value);

/* "0x...", lowercase, no leading zeros: the text and its length; the value. */
#define ADDRESS_TEXT 19u
size_t address_text(uint64_t address, char text[ADDRESS_TEXT]);
json_t *json_address(uint64_t address);

/* A number; above 2^63-1 it is 2^63-1. */
json_t *json_size(uint64_t size);

/* An escaped string; null for NULL. */
json_t *json_text(const char *text);

/* Write a document, which is then gone. */
void json_write(json_t *document, FILE *out);

#endif
