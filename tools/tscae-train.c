/* tscae-train - train a model on a stream of records, exactly resumable */
#include "base/err.h"
#include "kernel/gemm.h"
#include "kernel/kernel.h"
#include "stream/reader.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/progress.h"
#include "cli/stop.h"
#include "train/log.h"
#include "train/trainer.h"
#include "train/transport.h"

#include <stdarg.h>
#include <stdio.h>

static struct {
	const char *run, *position, *report, *conf;
	long threads, rows;
	bool print;
} args = { .rows = 12 };	/* they fit a screen */

static struct trainer t;
static struct opt settings[SETTINGS_ROWS + CONFIG_ROWS_MAX];

static const struct cli cli = {
	"tscae-train", "train a model on a stream of records", "[KEY=VALUE ...] [FILE]",
	(const struct opt[]){
		{ 'o', "output", OPT_TEXT, &args.run, 0, 0, "run directory, for checkpoints and the log", "RUN" },
		{ 'c', "conf", OPT_TEXT, &args.conf, 0, 0, "read settings from a file, before the operands", "FILE" },
		{ 't', "threads", OPT_INT, &args.threads, 0, 1024, "number of threads (0: all processors)", NULL },
		{ 0, "resume-index", OPT_TEXT, &args.position, 0, 0,
			"print the image index at which a run resumes, and exit", "RUN" },
		{ 0, "report", OPT_TEXT, &args.report, 0, 0,
			"print the log of a run as a table of means, and exit", "RUN" },
		{ 0, "rows", OPT_INT, &args.rows, 1, 1e6, "number of rows of the report", NULL },
		{ 0, "print-config", OPT_FLAG, &args.print, 0, 0, "print all settings, and exit", NULL },
		{ 0 }
	},
	settings, &args.conf
};

/* What concerns the whole run is said once: by its first rank. */
static void __attribute__((format(printf, 1, 2)))
tell(const char *format, ...)
{
	char text[512];
	va_list more;

	va_start(more, format);
	vsnprintf(text, sizeof text, format, more);
	va_end(more);
	if (trainer_is_rank0(&t))
		warn("%s", text);
}

static void
print_settings(void)
{
	const struct opt *o;
	char text[256];

	if (trainer_complete(&t, NULL) < 0)
		die();
	for (o = settings; o->name; o++)
		printf("%s = %s\n", o->name, opt_show(o, text, sizeof text));
}

static void
print_position(void)
{
	struct state state;

	if (checkpoint_state(args.position, &state) < 0)
		die();
	printf("%ld\n", consumed_index(&state.consumed));
}

static void
print_report(void)
{
	if (log_write_table(args.report, (int)args.rows, stdout) < 0)
		die();
}

static void
describe(char *text, size_t size, double begun, long steps)
{
	double left = steps > 0 ? (progress_clock() - begun) / (double)steps * (double)(t.settings.steps - t.state.step) : 0;
	int n = snprintf(text, size, "step %ld of %ld", t.state.step, t.settings.steps);

	if (steps > 0 && n > 0 && (size_t)n < size)
		n += snprintf(text + n, size - (size_t)n, ", loss %.4f", t.outcome.loss);
	if (steps > 0 && !trainer_done(&t) && n > 0 && (size_t)n < size)
		snprintf(text + n, size - (size_t)n, ", %ld:%02ld:%02ld left", (long)left / 3600, (long)left / 60 % 60, (long)left % 60);
}

/* How the work is done, which does not change the result: for -v, after the first step. */
static void
explain(void)
{
	static const char *const modes[] = {
		[ENGINE_SINGLE] = "one phase", [ENGINE_KEEP] = "two phases, activations kept", [ENGINE_REPEAT] = "two phases, the forward pass twice"
	};

	warn("%d threads, %d lanes, micro-batches of %d; %s: %.0f MB; %s, kernels %s, %s", t.threads, t.shards.count, (int)t.settings.micro_batch, modes[t.engine.mode],
		1e-6 * (double)engine_held(&t.engine), gemm_version(), kernel_isa(), transport_version());
}

/* What is known of the run while it is under way. */
struct watch {
	struct progress progress;
	char note[128];
	double saved;		/* when the last checkpoint was written */
	long steps;		/* of this process */
};

static void
save(struct watch *w)
{
	if (trainer_save(&t) < 0)
		die();
	w->saved = progress_clock();
}

/* SIGUSR1: say how far it is, and write a checkpoint (of the last whole step). Also while a producer stalls. */
static void
answer(void *arg)
{
	struct watch *w = arg;

	if (!stop_status)
		return;
	stop_status = 0;
	tell("%s", w->note);
	if (t.state.step > 0 && !trainer_done(&t))
		save(w);
}

/* After a step: what it asks for besides the next one. */
static void
look_around(struct watch *w)
{
	const struct settings *s = &t.settings;

	w->progress.records += s->batch;
	w->steps++;
	if (cli_common.verbose && w->steps == 1)
		explain();
	describe(w->note, sizeof w->note, w->progress.begun, w->steps);
	progress_step(&w->progress);
	if (!trainer_done(&t) && ((s->checkpoint_steps > 0 && t.state.step % s->checkpoint_steps == 0) ||
		(s->checkpoint_minutes > 0 && progress_clock() - w->saved >= 60 * s->checkpoint_minutes)))
		save(w);
	answer(w);
}

/* The input is broken: keep what was trained. Not with several ranks, who would have to agree. */
static _Noreturn void
break_off(void)
{
	const int status = err_status();
	char *text = mem_text(err_text());

	if (t.comm.ranks == 1 && t.state.step > 0 && trainer_save(&t) < 0)
		warn("%s", err_text());
	die_with(status, "%s", text);
}

/* Read this rank's part of the next batch: 0, or why there is none (enum trainer_flags). */
static int
fill(struct reader *r, const char *path, struct record *record)
{
	int got = 1, full = 0;

	while (!full && !stop_asked && (got = reader_next(r, record)) > 0) {
		if ((full = trainer_put(&t, record)) < 0) {
			record_blame(record, path);
			break_off();
		}
	}
	if (got < 0 && !stop_asked)
		break_off();
	return full ? 0 : stop_asked ? TRAINER_STOP : TRAINER_ENDED;
}

/* Steps until all are done (0), or a rank has flags: the sum of them (enum trainer_flags). */
static int
train(struct reader *r, const char *path, struct record *record)
{
	struct watch w = { .progress = { .total = (t.settings.steps - t.state.step) * t.settings.batch } };
	int flags = 0;

	progress_begin(&w.progress, "images");
	describe(w.note, sizeof w.note, w.progress.begun, 0);
	w.progress.note = w.note;
	w.saved = w.progress.begun;
	reader_on_wait(r, answer, &w);
	while (!trainer_done(&t) && !(flags = trainer_agree(&t, fill(r, path, record)))) {
		if (trainer_step(&t) < 0)
			die();
		look_around(&w);
	}
	reader_on_wait(r, NULL, NULL);
	progress_end(&w.progress);
	return flags;
}

/* Less than a batch may be left over: read it, so that the stream's end is verified and its producer ends well. */
static void
drain(struct reader *r, struct record *record)
{
	const long left = trainer_left(&t);
	int got = 1;

	if (left < 0 || left >= t.settings.batch)
		return;
	while (got > 0 && !stop_asked)
		got = reader_next(r, record);
	if (got < 0 && !stop_asked)
		die();
}

/* Train from the stream, whose name is `path`; the exit status. */
static int
run(struct reader *r, const char *path, struct record *record)
{
	int flags;

	if (trainer_done(&t)) {
		tell("%s: finished already, at step %ld", t.run, t.state.step);
		drain(r, record);
		return 0;
	}
	if (t.saved >= 0 && !cli_common.quiet)
		tell("%s: goes on after step %ld", t.run, t.saved);
	flags = train(r, path, record);
	if (flags & TRAINER_ENDED && t.state.step == 0)
		die_with(ERR_DATA, "the stream has fewer images than a batch of %ld", t.settings.batch);
	if (flags == TRAINER_ENDED)
		tell("the stream ended after step %ld of %ld: images are missing or were skipped", t.state.step, t.settings.steps);
	if (t.state.step > 0 && trainer_save(&t) < 0)
		die();
	if (flags & TRAINER_STOP) {
		tell("stopped at step %ld: run the same command again", t.state.step);
		return ERR_AGAIN;
	}
	if (trainer_done(&t))
		drain(r, record);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *path;
	char **operands;
	struct record record = { 0 };
	struct reader *r;
	int n, result;

	t.settings = settings_default();
	t.config = config_default();
	t.warn = warn;
	settings_table(&t.settings, settings);
	config_table(&t.config, settings + SETTINGS_ROWS - 1);
	n = cli_parse(&cli, argc, argv, &operands);
	if (args.print)
		print_settings();
	else if (args.position)
		print_position();
	else if (args.report)
		print_report();
	die_flush();
	if (args.print || args.position || args.report)
		return 0;
	if (!args.run)
		die_with(ERR_USAGE, "say where the run goes: -o RUN");
	if (n > 1)
		die_with(ERR_USAGE, "one stream is read, not %d: cat joins streams", n);
	t.run = args.run;
	t.threads = args.threads ? (int)args.threads : pool_default();
	stop_watch();
	path = n ? operands[0] : "-";
	r = reader_open(path);
	if (!r && stop_asked)
		return ERR_AGAIN;
	if (!r || trainer_open(&t, reader_header(r)) < 0)
		die();
	if (!trainer_is_rank0(&t))
		cli_common.quiet = true;
	result = run(r, path, &record);
	reader_close(r);
	record_free(&record);
	trainer_close(&t);
	return result;
}
