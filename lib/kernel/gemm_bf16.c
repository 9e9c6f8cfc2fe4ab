/* gemm_bf16 - matrix products of bfloat16 numbers, added up in fp32, by oneDNN; one thread each

   oneDNN compiles a primitive for each shape, and one primitive runs in one thread at a time: every thread keeps those
   that it has used. OpenMP, by which Debian's oneDNN divides its loops, has one thread in each thread of this program,
   so that the order of a sum depends on the shape alone. */
#include "kernel/gemm_bf16.h"

#ifdef TSCAE_ONEDNN

#include "base/mem.h"
#include "kernel/gemm.h"

#include <assert.h>
#include <oneapi/dnnl/dnnl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#if DNNL_VERSION_MAJOR != 2
#error "ONEDNN=1 needs oneDNN 2 (Debian 12: libdnnl-dev)"
#endif

/* of libgomp, whose header not every compiler has */
extern void omp_set_num_threads(int threads);

/* a product, up to its operands */
struct shape {
	int m, n, k;
	bool ta, tb, add;
};

struct product {
	struct shape shape;
	dnnl_primitive_t primitive;	/* NULL: an empty slot */
	dnnl_memory_t a, b, c;
};

/* of each thread: a hash table of the products it has computed; a model has about a hundred shapes */
enum { SLOTS = 512, TRIES = 8 };
struct products {
	dnnl_stream_t stream;
	struct product slots[SLOTS];
};

static struct { pthread_once_t once; pthread_key_t key; dnnl_engine_t engine; } shared = {
	.once = PTHREAD_ONCE_INIT
};

/* Wrong arguments are wrong programs; otherwise memory is exhausted. */
static void
check(dnnl_status_t status)
{
	if (status == dnnl_out_of_memory)
		mem_none();
	assert(status == dnnl_success);
	(void)status;
}

static void
forget(struct product *p)
{
	if (!p->primitive)
		return;
	dnnl_memory_destroy(p->a);
	dnnl_memory_destroy(p->b);
	dnnl_memory_destroy(p->c);
	dnnl_primitive_destroy(p->primitive);
	p->primitive = NULL;
}

static void
thread_ends(void *arg)
{
	struct products *of_thread = arg;

	for (int i = 0; i < SLOTS; i++)
		forget(&of_thread->slots[i]);
	dnnl_stream_destroy(of_thread->stream);
	free(of_thread);
}

static void
open_engine(void)
{
	if (pthread_key_create(&shared.key, thread_ends) != 0)
		mem_none();
	check(dnnl_engine_create(&shared.engine, dnnl_cpu, 0));
}

static struct products *
products(void)
{
	static _Thread_local struct products *mine;

	if (mine)
		return mine;
	pthread_once(&shared.once, open_engine);
	omp_set_num_threads(1);
	mine = mem_new(sizeof *mine);
	check(dnnl_stream_create(&mine->stream, shared.engine, dnnl_stream_default_flags));
	if (pthread_setspecific(shared.key, mine) != 0)
		mem_none();
	return mine;
}

/* rows x columns, stored transposed if `t` */
static dnnl_memory_desc_t
matrix(int rows, int columns, bool t, dnnl_data_type_t type)
{
	dnnl_memory_desc_t d;

	check(dnnl_memory_desc_init_by_tag(&d, 2, (dnnl_dims_t){ rows, columns }, type, t ? dnnl_ba : dnnl_ab));
	return d;
}

static dnnl_memory_t
operand(const dnnl_memory_desc_t *d)
{
	dnnl_memory_t memory;

	check(dnnl_memory_create(&memory, d, shared.engine, DNNL_MEMORY_NONE));
	return memory;
}

static void
create(struct product *p, const struct shape *s)
{
	const dnnl_memory_desc_t a = matrix(s->m, s->k, s->ta, dnnl_bf16), b = matrix(s->k, s->n, s->tb, dnnl_bf16),
	    c = matrix(s->m, s->n, false, dnnl_f32);
	dnnl_matmul_desc_t matmul;
	dnnl_primitive_attr_t attr;
	dnnl_post_ops_t sum;
	dnnl_primitive_desc_t description;

	check(dnnl_primitive_attr_create(&attr));
	check(dnnl_post_ops_create(&sum));
	if (s->add)
		check(dnnl_post_ops_append_sum(sum, 1));
	check(dnnl_primitive_attr_set_post_ops(attr, sum));
	check(dnnl_matmul_desc_init(&matmul, &a, &b, NULL, &c));
	check(dnnl_primitive_desc_create(&description, &matmul, attr, shared.engine, NULL));
	p->shape = *s;
	p->a = operand(&a);
	p->b = operand(&b);
	p->c = operand(&c);
	check(dnnl_primitive_create(&p->primitive, description));
	dnnl_primitive_desc_destroy(description);
	dnnl_post_ops_destroy(sum);
	dnnl_primitive_attr_destroy(attr);
}

static bool
same(const struct shape *a, const struct shape *b)
{
	return a->m == b->m && a->n == b->n && a->k == b->k && a->ta == b->ta && a->tb == b->tb && a->add == b->add;
}

/* The product of that shape: one of the table, or a new one in place of the last one looked at. */
static struct product *
find(struct products *of_thread, const struct shape *s)
{
	const uint64_t mix = 0x9e3779b97f4a7c15, flags = (uint64_t)(s->ta + 2 * s->tb + 4 * s->add);
	const uint64_t hash = ((((uint64_t)s->m * mix + (uint64_t)s->n) * mix + (uint64_t)s->k) * mix + flags) * mix;
	struct product *p = NULL;

	for (size_t i = 0; i < TRIES; i++) {
		p = &of_thread->slots[((hash >> 32) + i) % SLOTS];
		if (p->primitive && same(&p->shape, s))
			return p;
		if (!p->primitive)
			break;
	}
	forget(p);
	create(p, s);
	return p;
}

void
gemm_bf16(bool ta, bool tb, int m, int n, int k, const uint16_t *a, const uint16_t *b, float beta, float *c)
{
	const struct shape shape = { m, n, k, ta, tb, beta != 0 };
	struct products *of_thread = products();
	const struct product *p = find(of_thread, &shape);
	const dnnl_exec_arg_t args[] = {
		{ DNNL_ARG_SRC, p->a }, { DNNL_ARG_WEIGHTS, p->b }, { DNNL_ARG_DST, p->c }
	};

	assert(beta == 0 || beta == 1);
	/* oneDNN takes no pointers to const */
	check(dnnl_memory_set_data_handle(p->a, (void *)(uintptr_t)a));
	check(dnnl_memory_set_data_handle(p->b, (void *)(uintptr_t)b));
	check(dnnl_memory_set_data_handle(p->c, c));
	check(dnnl_primitive_execute(p->primitive, of_thread->stream, sizeof args / sizeof *args, args));
	gemm_count(2.0 * m * n * k);
}

static bool
cpu_has(dnnl_cpu_isa_t isa)
{
	return (dnnl_get_effective_cpu_isa() & isa) == isa;
}

const char *
gemm_bf16_refusal(void)
{
	return cpu_has(dnnl_cpu_isa_avx512_core_bf16) ? NULL
		: "this processor multiplies no bfloat16 numbers (neither AVX512_BF16 nor AMX)";
}

const char *
gemm_bf16_version(void)
{
	static char text[64];
	const dnnl_version_t *v = dnnl_version();

	snprintf(text, sizeof text, "oneDNN %d.%d.%d %s", v->major, v->minor, v->patch,
	    cpu_has(dnnl_cpu_isa_avx512_core_amx) ? "amx" : cpu_has(dnnl_cpu_isa_avx512_core_bf16) ? "avx512_bf16"
	    : "no bfloat16");
	return text;
}

#else

#include <assert.h>

const char *
gemm_bf16_refusal(void)
{
	return "built without oneDNN (install libdnnl-dev, then make ONEDNN=1)";
}

void
gemm_bf16(bool ta, bool tb, int m, int n, int k, const uint16_t *a, const uint16_t *b, float beta, float *c)
{
	(void)ta, (void)tb, (void)m, (void)n, (void)k, (void)a, (void)b, (void)beta, (void)c;
	assert(!"gemm_bf16 without oneDNN");
}

const char *
gemm_bf16_version(void)
{
	return "no oneDNN";
}

#endif
