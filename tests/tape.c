/* tape - which parameters an op is recorded to use: a function of the op's inputs, not of when tape_param() was called

   C leaves the order open in which arguments are evaluated. The network here is built in several ways, which ask for
   the parameters in different orders: as arguments from first to last and from last to first, all at the start, again
   and again between other ops. All must record the same uses and give the same gradients, by one thread and by several
   that share a block of gradients. */
#include "base/rng.h"
#include "nn/op.h"
#include "nn/parallel.h"
#include "nn/params.h"
#include "nn/tape.h"
#include "tap.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { N = 6, D = 16, TICKETS = 8, ROUNDS = 20, USES_MAX = 64 };
enum { W, B, GAMMA, BETA, QKV, TOKEN, FROZEN, UNUSED, PARAMS };
enum way { FORWARDS, BACKWARDS, EARLY, OFTEN, RECOMPUTED, WAYS };
static const char *const ways[] = { "arguments from first to last", "arguments from last to first",
	"long before the ops", "repeatedly between other ops", "in a recomputed block" };

static float pixels[N * D];

static void
open_params(struct params *p)
{
	params_add(p, INIT_XAVIER, 2, D, D, 0, 0, "w");
	params_add(p, INIT_ONE, 1, D, 0, 0, 0, "b");
	params_add(p, INIT_ONE, 1, D, 0, 0, 0, "gamma");
	params_add(p, INIT_ZERO, 1, D, 0, 0, 0, "beta");
	params_add(p, INIT_XAVIER, 2, 3 * D, D, 0, 0, "qkv");
	params_add(p, INIT_TOKEN, 3, 1, N, D, 0, "token");
	params_add(p, INIT_XAVIER, 2, D, D, 0, 0, "frozen");
	params_add(p, INIT_TOKEN, 2, D, D, 0, 0, "unused");
	p->list[FROZEN].frozen = true;
	params_build(p);
	params_init(p, 1);
}

/* The parameter as the way asks for it: `early` holds what was asked for at the start. */
static struct var *
param(struct tape *t, enum way way, struct var *const *early, int id)
{
	if (way == EARLY)
		return early[id];
	if (way == OFTEN)
		for (int i = 0; i < PARAMS; i++)
			tape_param(t, i);
	return tape_param(t, id);
}

/* A linear layer whose arguments are evaluated in the order of the way. */
static struct var *
layer(struct tape *t, enum way way, struct var *const *early, struct var *x, int w, int b, struct var *residual)
{
	struct var *pw, *pb;

	if (way == BACKWARDS) {
		pb = param(t, way, early, b);
		residual = op_gelu(t, residual);
		pw = param(t, way, early, w);
		x = op_relu(t, x);
	} else {
		residual = op_gelu(t, residual);
		x = op_relu(t, x);
		pw = param(t, way, early, w);
		pb = param(t, way, early, b);
	}
	return op_linear_add(t, x, pw, pb, residual);
}

struct body { enum way way; struct var *const *early; };

/* w is used twice, views of qkv and of the token stand for them, a constant copy of b is no use of b */
static struct var *
body(struct tape *t, struct var *const *in, const void *arg)
{
	const struct body *a = arg;
	struct var *x, *q, *gamma, *beta, *sum;

	x = layer(t, a->way, a->early, in[0], W, B, in[0]);
	x = layer(t, a->way, a->early, x, W, B, op_reshape(t, param(t, a->way, a->early, TOKEN), 2, N, D, 0, 0));
	q = op_linear(t, x, op_rows(t, param(t, a->way, a->early, QKV), D, D),
		op_detach(t, param(t, a->way, a->early, B)), ACT_NONE);
	if (a->way == BACKWARDS) {
		beta = param(t, a->way, a->early, BETA);
		gamma = param(t, a->way, a->early, GAMMA);
	} else {
		gamma = param(t, a->way, a->early, GAMMA);
		beta = param(t, a->way, a->early, BETA);
	}
	x = op_norm_add(t, x, q, gamma, beta, 1e-6f, &sum);
	return op_linear(t, x, param(t, a->way, a->early, FROZEN), param(t, a->way, a->early, B), ACT_NONE);
}

struct job {
	const struct params *params;
	float *grads;
	struct ticket_lock *lock;
	int ticket;
	enum way way;
	int counts[PARAMS];		/* uses after the forward pass */
	int uses[USES_MAX], use_count; /* as backward meets them; those of a recomputed block are not on the tape yet */
	bool early;			/* unused parameters, and no others, were released before backward began */
	int left;			/* parameters that were not released when all was done */
};

static void
forward(struct tape *t, struct job *j)
{
	struct var *early[PARAMS], *x, *y;
	const struct body a = { j->way, early };

	for (int i = PARAMS - 1; j->way == EARLY && i >= 0; i--)
		early[i] = tape_param(t, i);
	x = tape_wrap(t, pixels, NULL, 2, N, D, 0, 0);
	y = j->way == RECOMPUTED ? op_recompute(t, body, 1, &x, &a) : body(t, &x, &a);
	var_seed(op_mse(t, y, pixels, 1 / (float)(j->ticket + 2)), NULL, 1);
	for (const struct tape_node *n = t->last; n; n = n->before)
		for (int i = 0; i < n->use_count && j->use_count < USES_MAX; i++)
			j->uses[j->use_count++] = n->uses[i];
	memcpy(j->counts, t->uses_left, sizeof j->counts);
	tape_release_unused(t);
	j->early = t->uses_left[UNUSED] == -1 && t->uses_left[W] == j->counts[W];
	tape_backward(t);
}

static void *
step(void *arg)
{
	struct job *j = arg;
	struct tape t = { 0 };

	j->use_count = j->left = 0;
	tape_reset(&t, true, j->params, j->grads);
	tape_share_grads(&t, j->lock, j->ticket);
	forward(&t, j);
	for (int i = 0; i < PARAMS; i++)
		j->left += i != FROZEN && t.uses_left[i] != -1;
	tape_free(&t);
	return NULL;
}

/* one after the other in the order of tickets, or side by side */
static void
steps(struct job *jobs, bool threads)
{
	pthread_t thread[TICKETS];

	ticket_lock_restart(jobs[0].lock);
	memset(jobs[0].grads, 0, jobs[0].params->size * sizeof *jobs[0].grads);
	for (int k = 0; k < TICKETS; k++)
		if (!threads)
			step(&jobs[k]);
		else if (pthread_create(&thread[k], NULL, step, &jobs[k]))
			abort();
	for (int k = 0; threads && k < TICKETS; k++)
		pthread_join(thread[k], NULL);
}

static void
test_order(const struct params *p, struct ticket_lock *lock)
{
	static const int expect[PARAMS] = { [W] = 2, [B] = 3, [GAMMA] = 1, [BETA] = 1, [QKV] = 1, [TOKEN] = 2 };
	struct job want[TICKETS], got[TICKETS];
	float *grads = params_block(p), *others = params_block(p);

	for (int k = 0; k < TICKETS; k++)
		want[k] = (struct job){ .params = p, .grads = grads, .lock = lock, .ticket = k, .way = FORWARDS };
	steps(want, false);
	ok(memcmp(want[0].counts, expect, sizeof expect) == 0,
		"uses of each parameter: views count, constant copies and frozen parameters do not");
	ok(want[0].left == 0 && want[TICKETS - 1].left == 0 && atomic_load(&lock->serving[UNUSED]) == TICKETS,
		"every parameter is released, also unused ones");
	ok(want[0].early && want[TICKETS - 1].early, "parameters that no op uses are released before backward begins");
	for (int way = 0; way < WAYS; way++) {
		int wrong = 0, differ = 0;

		for (int k = 0; k < TICKETS; k++)
			got[k] = (struct job){
				.params = p, .grads = others, .lock = lock, .ticket = k, .way = (enum way)way
			};
		steps(got, false);
		ok(memcmp(others, grads, p->size * sizeof *grads) == 0, "%s: the same gradient as the reference",
			ways[way]);
		if (way == RECOMPUTED)
			ok(memcmp(got[0].counts, want[0].counts, sizeof expect) == 0 && got[0].use_count == 0,
				"%s: uses are counted in the first run and recorded in the second", ways[way]);
		else
			ok(got[0].use_count == want[0].use_count &&
					memcmp(got[0].uses, want[0].uses,
						sizeof *want[0].uses * (size_t)want[0].use_count) == 0,
				"%s: the same uses of parameters in each op", ways[way]);
		for (int round = 0; round < ROUNDS; round++) {
			/* several ways side by side */
			for (int k = 0; k < TICKETS; k++)
				got[k].way = (enum way)((way + (round % 2 ? k : 0)) % WAYS);
			steps(got, true);
			differ += memcmp(others, grads, p->size * sizeof *grads) != 0;
			for (int k = 0; k < TICKETS; k++)
				wrong += got[k].left != 0 || memcmp(got[k].counts, want[0].counts, sizeof expect) != 0;
		}
		ok(differ == 0 && wrong == 0, "%s: %d threads that share gradients give the same bits in %d rounds",
			ways[way], TICKETS, ROUNDS);
	}
	params_block_free(grads);
	params_block_free(others);
}

int
main(void)
{
	struct params p = { 0 };
	struct ticket_lock lock;
	struct rng r = rng_at(4, 0, "tape", "");

	for (int i = 0; i < N * D; i++)
		pixels[i] = (float)rng_normal(&r);
	open_params(&p);
	ticket_lock_open(&lock, &p);
	test_order(&p, &lock);
	ticket_lock_close(&lock);
	params_free(&p);
	return tap_end();
}
