/* SPDX-License-Identifier: BSD-2-Clause */

/* The model of kern_sysctl.c: the sysctls of files (M-43 to M-45). */

#include "support_model.h"

#define AUTO_FROM 256
#define NODE 1
#define TUN 0x00080000u
#define NOFETCH 0x00001000u
#define VNET 0x00020000u

/* V-73. */
bool
model_sysctl_tree(uint32_t osreldate)
{
	return osreldate >= 1400071;
}

/* struct sysctl_oid, as far as anybody asks. */
struct oid {
	uint64_t list;
	int number;
	uint32_t kind;
	const char *name;
};

static struct oid
read_oid(struct model *model, uint64_t at)
{
	const struct model_machine *machine = model->graph->machine;
	const uint64_t w = machine->word;
	const uint64_t links = model_sysctl_tree(model->graph->osreldate) ?
	    3 : 1;
	const uint64_t align = machine->align < 8 ? machine->align : 8;
	uint64_t wide = (2 + links) * w + 4 + 4 + w; /* arg2 */
	struct oid oid;

	wide = (wide + align - 1) / align * align;
	oid.list = model_pointer(model, at + w);
	oid.number = (int)(uint32_t)model_word(model, at + (2 + links) * w,
	    4);
	oid.kind = (uint32_t)model_word(model, at + (2 + links) * w + 4, 4);
	oid.name = model_string(model, model_pointer(model, at + wide + 8));
	return oid;
}

static struct model_oid *
add(struct model *model, int file, uint64_t address, const struct oid *oid,
    int number)
{
	struct model_oid *new = &model->oids[model->noids++];

	assert_true(model->noids <= MODEL_OIDS);
	memset(new, 0, sizeof(*new));
	new->file = file;
	new->address = address;
	new->list = oid->list;
	new->number = number;
	new->node = (oid->kind & 15) == NODE;
	new->in = true;
	(void)snprintf(new->name, sizeof(new->name), "%s", oid->name);
	return new;
}

static uint64_t
kernel_symbol(const struct model *model, const char *name)
{
	const struct model_symbol *symbol =
	    model_image_symbol(&model->graph->kernel, name);

	assert_non_null(symbol);
	return symbol->value;
}

/* What the generator gives the kernel: kern, kern.ipc, kern.maxvnodes. */
void
model_boot_sysctls(struct model *model)
{
	const uint64_t kern = kernel_symbol(model, "sysctl___kern");
	const struct oid root = { kernel_symbol(model, "sysctl__children"),
		1, NODE, "kern" };
	const struct oid ipc = { kern, 32, NODE, "ipc" };
	const struct oid leaf = { kern, 5, 2, "maxvnodes" };

	(void)add(model, 0, kern, &root, 1);
	(void)add(model, 0, kernel_symbol(model, "sysctl___kern_ipc"), &ipc,
	    32);
	(void)add(model, 0, 0, &leaf, 5); /* nothing is below it */
}

static struct model_oid *
by_address(struct model *model, uint64_t address)
{
	size_t i;

	for (i = 0; i < model->noids; i++)
		if (model->oids[i].address == address)
			return &model->oids[i];
	return NULL;
}

static const struct model_oid *
by_name(const struct model *model, uint64_t list, const char *name)
{
	size_t i;

	for (i = 0; i < model->noids; i++)
		if (model->oids[i].in && model->oids[i].list == list &&
		    strcmp(model->oids[i].name, name) == 0)
			return &model->oids[i];
	return NULL;
}

static bool
is_taken(const struct model *model, uint64_t list, int number)
{
	size_t i;

	for (i = 0; i < model->noids; i++)
		if (model->oids[i].in && model->oids[i].list == list &&
		    model->oids[i].number == number)
			return true;
	return false;
}

/* Names from the root on; false: the walk from there does not come by. */
static bool
path_of(struct model *model, const struct model_oid *oid, char *path,
    size_t size)
{
	const struct model_oid *parent;
	size_t length;

	path[0] = '\0';
	if (!oid->in)
		return false;
	if (oid->list != kernel_symbol(model, "sysctl__children")) {
		parent = by_address(model, oid->list);
		if (parent == NULL || !parent->node || !path_of(model, parent, path, size))
			return false;
		(void)strncat(path, ".", size - strlen(path) - 1);
	}
	length = strlen(path);
	(void)snprintf(path + length, size - length, "%s", oid->name);
	return true;
}

/* V-72. */
static void
print_reuse(struct model *model, const struct model_oid *leaf)
{
	const uint32_t osreldate = model->graph->osreldate;
	char path[512];

	if (!path_of(model, leaf, path, sizeof(path)))
		(void)snprintf(path, sizeof(path), "%s", leaf->name);
	model_print(model, "%s: can't re-use a leaf (%s)!",
	    osreldate >= 1500013 ? "sysctl_register_oid" :
	    "sysctl_warn_reuse", path);
}

/* All names on the way to the root, whether one finds it from there or not. */
static size_t
path_length(struct model *model, const char *name, uint64_t list)
{
	const struct model_oid *known = by_address(model, list);
	struct oid parent;

	if (list == kernel_symbol(model, "sysctl__children"))
		return strlen(name);
	if (known != NULL)
		return strlen(name) + 1 + path_length(model, known->name,
		    known->list);
	parent = read_oid(model, list);
	return strlen(name) + 1 + path_length(model, parent.name,
	    parent.list);
}

static void
tunable(struct model *model, const struct oid *oid)
{
	if ((oid->kind & 15) == NODE || (oid->kind & TUN) == 0 ||
	    (oid->kind & NOFETCH) != 0)
		return;
	if ((oid->kind & VNET) != 0 && model->graph->vimage &&
	    !model_propagates_late(model))
		return;
	if (path_length(model, oid->name, oid->list) > 95)
		model_print(model, "OID path exceeds 96 bytes");
}

/* M-44. */
void
model_sysctls_register(struct model *model, int file)
{
	uint64_t start, stop;

	if (!model_lookup_set(model, file, "set_sysctl_set", &start, &stop))
		return;
	for (; start < stop; start += model_ptrsz(model)) {
		const uint64_t address = model_pointer(model, start);
		const struct oid oid = read_oid(model, address);
		const struct model_oid *other =
		    by_name(model, oid.list, oid.name);
		int number = oid.number;

		if (other != NULL) {
			if (!other->node)
				print_reuse(model, other);
			continue;
		}
		if (number >= 0 && number < AUTO_FROM &&
		    is_taken(model, oid.list, number)) { /* V-71 */
			if (model->graph->osreldate >= 1500068) {
				model->panicked = true;
				return;
			}
			model_print(model, "sysctl: OID number(%d) is already "
			    "in use for '%s'", number, oid.name);
			number = -1;
		}
		(void)add(model, file, address, &oid, number);
		tunable(model, &oid);
	}
}

/* M-45. */
static void
unregister(struct model *model, uint64_t address)
{
	const struct oid oid = read_oid(model, address);
	struct model_oid *known = by_address(model, address);
	int error = oid.number == -1 ? MODEL_EINVAL : MODEL_ENOENT;
	size_t i;

	if (known != NULL) { /* in it, or lost with its tree */
		known->in = false;
		return;
	}
	if (error == MODEL_EINVAL ||
	    !model_sysctl_tree(model->graph->osreldate)) {
		model_print(model, "sysctl_unregister_oid: failed(%d) to "
		    "unregister sysctl(%s)", error, oid.name);
		return;
	}
	for (i = 0; i < model->noids; i++)
		if (model->oids[i].list == oid.list)
			model->oids[i].in = false;
}

void
model_sysctls_unregister(struct model *model, int file)
{
	uint64_t start, stop;
	size_t i, n = 0;

	if (!model_lookup_set(model, file, "set_sysctl_set", &start, &stop))
		return;
	for (; start < stop; start += model_ptrsz(model))
		unregister(model, model_pointer(model, start));
	for (i = 0; i < model->noids; i++)
		if (model->oids[i].file != file)
			model->oids[n++] = model->oids[i];
	model->noids = n;
}
