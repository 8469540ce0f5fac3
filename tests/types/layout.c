/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Layouts of all kinds, for test_layout.py: what compilers make of them is what
 * kldsim has to show.  Everything is static and used: a module with EXPORT_SYMS
 * unset is like that.
 */

#define USED __attribute__((used)) static

typedef unsigned char byte;
typedef unsigned int word;
typedef unsigned long long wide;
typedef long (*handler)(void *, const char *, ...);

enum mode { OFF, ON, BROKEN = -1, MANY = 0x7fffffff };

struct list {
	struct list *next;
	struct list **prev;
};

struct holes {
	char c;
	int i;
	char d;
	wide w;
	short s;
	struct { char a; long b; } in;
	byte tail;
};

struct bits {
	word a : 3, b : 5, : 4, c : 1;
	byte d : 2;
	word e : 30, f : 31;
	wide g : 40, h : 24;
	unsigned short i : 9;
	_Bool j : 1, k : 1;
	int l : 32;
	signed char m : 7;
	word : 0;
	word n : 1;
};

struct anonymous {
	int kind;
	union {
		long number;
		struct {
			short low;
			char high : 4, higher : 4;
		};
		struct list *list;
		struct { int x, y; } points[3];
	};
	union { byte bytes[5]; word words; } named;
	enum mode mode;
	enum { RED, GREEN = 5 } color;
};

struct __attribute__((packed)) packed {
	char a;
	int b;
	wide c;
	short d;
	struct list e;
	char f;
};

struct __attribute__((aligned(64))) aligned {
	int lock;
	char pad[60];
	wide counters[9];
	int last;
};

struct arrays {
	int one[7];
	int two[3][4];
	char *names[2];
	char (*pointer)[16];
	handler table[4];
	const volatile word constant;
	const char *const restrict text;
	struct holes nested[2];
	byte data[];
};

struct large {
	byte before[8000];
	word at_8000;
	byte more[4000];
	word flags : 12;
	word last;
};

struct none { };

union either {
	char c[13];
	word w;
	struct list list;
	double d;
};

struct numbers {
	float f;
	double d;
	_Bool b;
	signed char sc;
	unsigned short us;
	long l;
	unsigned long long ull;
	char c;
};

struct opaque;

struct methods {
	int (*open)(struct opaque *, int, union either *);
	void (*close)(void);
	struct methods *(*self)(struct methods *);
	int (*(*nested)(int))[4];
	struct opaque *opaque;
};

USED struct holes holes;
USED struct bits bits;
USED struct anonymous anonymous;
USED struct packed packed;
USED struct aligned aligned;
USED struct arrays *arrays;
USED struct large large;
USED struct none none;
USED union either either[3];
USED struct numbers numbers;
USED struct methods methods;
USED const char *text = "text";
USED handler current;
USED int matrix[2][3][4];

USED int
first(struct holes *h, const char *name, union either e)
{
	return (h->i + name[0] + e.c[0]);
}

USED void
second(void)
{
}

USED wide
third(wide w, handler h, enum mode mode, struct list l)
{
	return (w + (h != 0) + (wide)mode + (l.next != 0));
}
