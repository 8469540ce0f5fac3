/* SPDX-License-Identifier: BSD-2-Clause */

/* The calls that write values. */

#include "value/value.h"

#include "kern/question.h"
#include "util/error.h"
#include "util/sized.h"

void
kldsim_value_options_init(struct kldsim_value_options *options, size_t size)
{
	static const struct kldsim_value_options defaults = { .copy = KLDSIM_VALUE_ALL };

	kldsim__sized_init(options, size, &defaults, sizeof(defaults));
}

static const char *
take_options(const struct kldsim_value_options *given,
    struct kldsim_value_options *options_ret)
{
	kldsim_value_options_init(options_ret, sizeof(*options_ret));
	return (kldsim__sized_take(options_ret, sizeof(*options_ret), given));
}

/* All is written; how it went. */
static enum kldsim_status
finish(struct kldsim__value_out *out, struct kldsim_error *error)
{
	kldsim__value_flush(out);
	kldsim__text_fini(&out->text);
	switch (out->status) {
	case KLDSIM_OK:
		return (KLDSIM_OK);
	case KLDSIM_SYS:
		(void)kldsim__error_set(error, out->status,
		    "a value cannot be written");
		if (error != NULL)
			error->sys_errno = out->sys_errno;
		return (KLDSIM_SYS);
	case KLDSIM_LIMIT:
		return (kldsim__error_set(error, out->status,
		    "a value takes more steps than the limit work"));
	default:
		return (kldsim__error_set(error, out->status, "no memory"));
	}
}

/* With `alone` the value of the one copy, and nothing around it. */
static enum kldsim_status
put_all(struct kldsim__value_copies *copies,
    const struct kldsim_value_options *options, uint64_t steps, bool alone,
    kldsim_write_fn write, void *user, struct kldsim_error *error)
{
	const struct kldsim__value_writer *writer =
	    options->form == KLDSIM_VALUE_JSON ? &kldsim__value_json :
	    &kldsim__value_initializer;
	struct kldsim__value_out out = { .write = write, .user = user,
		.steps = steps };

	kldsim__text_init(&out.text, &copies->typed->sim->alloc);
	if (alone)
		writer->value(&out, copies->typed, copies->all[0].bytes,
		    options->depth);
	else if (options->differences)
		writer->differences(&out, copies);
	else
		writer->copies(&out, copies, options->depth);
	return (finish(&out, error));
}

static enum kldsim_status
format(const struct kldsim_typed *typed, const kldsim_addr *address,
    bool alone, const struct kldsim_value_options *options,
    const struct kldsim__overlay *overlay, uint64_t steps,
    kldsim_write_fn write, void *user, struct kldsim_error *error)
{
	struct kldsim__value_copies copies;
	enum kldsim_status status = address != NULL ?
	    kldsim__value_one(&copies, typed, *address, overlay, error) :
	    kldsim__value_copies(&copies, typed, options->copy, overlay,
	    error);

	if (status == KLDSIM_OK)
		status = put_all(&copies, options, steps, alone, write, user,
		    error);
	kldsim__value_copies_fini(&copies);
	return (status);
}

enum kldsim_status
kldsim__format(const struct kldsim_typed *typed, const kldsim_addr *address,
    const struct kldsim_value_options *options,
    const struct kldsim__overlay *overlay, uint64_t steps,
    kldsim_write_fn write, void *user, struct kldsim_error *error)
{
	return (format(typed, address, false, options, overlay, steps, write,
	    user, error));
}

/* A value at an address by itself, or NULL: the copies. */
static enum kldsim_status
ask(const struct kldsim_typed *typed, const kldsim_addr *address,
    const struct kldsim_value_options *given, kldsim_write_fn write,
    void *user, struct kldsim_error *error)
{
	const uint64_t steps = typed->sim->options.limits.work;
	struct kldsim_value_options options;
	struct kldsim__question question;
	enum kldsim_status status;
	const char *wrong;

	wrong = take_options(given, &options);
	if (wrong != NULL)
		return (kldsim__error_set(error, KLDSIM_ARG, "%s", wrong));
	question = kldsim__question_begin(typed->sim);
	status = format(typed, address, address != NULL, &options, NULL,
	    steps, write, user, error);
	kldsim__question_end(typed->sim, &question);
	return (status);
}

enum kldsim_status
kldsim_format_copies(const struct kldsim_typed *typed,
    const struct kldsim_value_options *options, kldsim_write_fn write,
    void *user, struct kldsim_error *error_ret)
{
	return (ask(typed, NULL, options, write, user, error_ret));
}

enum kldsim_status
kldsim_format(const struct kldsim_typed *typed, kldsim_addr address,
    const struct kldsim_value_options *options, kldsim_write_fn write,
    void *user, struct kldsim_error *error_ret)
{
	return (ask(typed, &address, options, write, user, error_ret));
}
