/* tscae-train - train a model on a stream of records, exactly resumable */
#include "base/err.h"
#include "base/mem.h"
#include "base/opt.h"
#include "cli/cli.h"
#include "cli/die.h"
#include "cli/progress.h"
#include "kernel/gemm.h"
#include "kernel/kernel.h"
#include "model/config.h"
#include "stream/reader.h"
#include "stream/record.h"
#include "train/checkpoint.h"
#include "train/comm.h"
#include "train/consumed.h"
#include "train/engine.h"
#include "train/grad_shards.h"
#include "train/log.h"
#include "train/settings.h"
#include "train/trainer.h"
#include "train/transport.h"

#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static struct {
	const char *run, *position, *report, *conf;
	long threads, rows;
	bool print;
} args = { .rows = 12 };	/* fit on a screen */

static struct trainer t;
static struct opt settings[SETTINGS_ROWS + CONFIG_ROWS_MAX];

static const struct cli cli = {
	"tscae-train", "train a model on a stream of records", "[KEY=VALUE ...] [FILE]",
	(const struct opt[]){
		{ 'o', "output", OPT_PATH, &args.run, 0, 0, "run directory, for checkpoints and the log", "RUN" },
		{ 'c', "conf", OPT_PATH, &args.conf, 0, 0, "read settings from a file, before the operands", "FILE" },
		CLI_THREADS(&args.threads),
		{ 0, "resume-index", OPT_PATH, &args.position, 0, 0,
			"print the image index at which a run resumes, and exit", "RUN" },
		{ 0, "report", OPT_PATH, &args.report, 0, 0,
			"print the log of a run as a table of means, and exit", "RUN" },
		{ 0, "rows", OPT_INT, &args.rows, 1, 1e6, "number of rows of the report", NULL },
		{ 0, "print-config", OPT_FLAG, &args.print, 0, 0, "print all settings, and exit", NULL },
		{ 0 }
	},
	settings, &args.conf
};

/* Print a message about the whole run, on rank 0 only. */
static void __attribute__((format(printf, 2, 3)))
warn_rank0(void *arg, const char *format, ...)
{
	char text[2048];
	va_list more;

	(void)arg;
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
	char text[OPT_SHOW_SIZE];

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
	double left = steps > 0
		? (progress_clock() - begun) / (double)steps * (double)(t.settings.steps - t.state.step) : 0;
	int n = snprintf(text, size, "step %ld of %ld", t.state.step, t.settings.steps);

	if (steps > 0 && n > 0 && (size_t)n < size)
		n += snprintf(text + n, size - (size_t)n, ", loss %.4f", t.outcome.loss);
	if (steps > 0 && !trainer_done(&t) && n > 0 && (size_t)n < size)
		snprintf(text + n, size - (size_t)n, ", %ld:%02ld:%02ld left", (long)left / 3600, (long)left / 60 % 60,
			(long)left % 60);
}

/* Print how the run uses the machine, which does not change its result: for --verbose, after the first step. */
static void
show_execution(void)
{
	static const char *const modes[] = {
		[ENGINE_SINGLE] = "one phase", [ENGINE_KEEP] = "two phases, activations kept",
		[ENGINE_REPEAT] = "two phases, the forward pass twice"
	};

	warn("%d threads, %d gradient shards, micro-batches of %d; %s: %.0f MB; %s, kernels %s, %s", t.threads,
		t.shards.count, (int)t.settings.micro_batch, modes[t.engine.mode],
		1e-6 * (double)engine_held(&t.engine), gemm_version(), kernel_isa(), transport_version());
}

/* State of the running process. */
struct watch {
	struct progress progress;
	char note[128];
	double saved;		/* when the last checkpoint was written */
	bool asked;		/* for a checkpoint that all ranks write together, after the next step */
	long steps;		/* of this process */
};

static void
save(struct watch *w)
{
	if (trainer_save(&t) < 0)
		die();
	w->saved = progress_clock();
	w->asked = false;
}

/* SIGUSR1: print the progress and write a checkpoint of the last complete step. Also called while the reader waits.
   True: the program was asked to stop. */
static bool
answer_status(void *arg)
{
	struct watch *w = arg;

	if (die_status_asked) {
		die_status_asked = 0;
		warn_rank0(NULL, "%s", w->note);
		if (trainer_saves_together(&t))
			w->asked = true;
		else if (t.state.step > 0 && !trainer_done(&t))
			save(w);
	}
	return die_stop_asked;
}

/* After a step: print progress, write a checkpoint if one is due, answer SIGUSR1. */
static void
after_step(struct watch *w)
{
	const struct settings *s = &t.settings;
	int due;

	w->progress.records += s->batch;
	w->steps++;
	if (cli_common.verbose && w->steps == 1)
		show_execution();
	describe(w->note, sizeof w->note, w->progress.begun, w->steps);
	progress_step(&w->progress);
	due = !trainer_done(&t) && (w->asked ||
		(s->checkpoint_steps > 0 && t.state.step % s->checkpoint_steps == 0) ||
		(s->checkpoint_minutes > 0 && progress_clock() - w->saved >= 60 * s->checkpoint_minutes));
	if (trainer_saves_together(&t) && (due = trainer_agree(&t, due ? TRAINER_SAVE : 0)) < 0)
		die();
	if (due)
		save(w);
	answer_status(w);
}

/* End with an error of the input, after a checkpoint. Several ranks write none, because they would have to agree. */
static _Noreturn void
end_with_checkpoint(void)
{
	const int status = err_status();
	char *text = mem_text(err_text());

	if (t.comm.ranks == 1 && t.state.step > 0 && trainer_save(&t) < 0)
		warn("%s", err_text());
	die_with(status, "%s", text);
}

/* Read the part of the next batch for this rank. 0, or the reason why it is incomplete (enum trainer_flags). */
static int
fill(struct reader *r, const char *path, struct record *record)
{
	int got = 1, full = 0;

	while (!full && !die_stop_asked && (got = reader_next(r, record)) > 0) {
		if ((full = trainer_put(&t, record)) < 0) {
			record_blame(record, path);
			end_with_checkpoint();
		}
	}
	if (got < 0 && !die_stop_asked)
		end_with_checkpoint();
	return full ? 0 : die_stop_asked ? TRAINER_STOP : TRAINER_ENDED;
}

/* Run steps until all are done, or until a rank sets a flag. Returns the flags of all ranks (enum trainer_flags). */
static int
train(struct reader *r, const char *path, struct record *record)
{
	struct watch w = { .progress = { .total = (t.settings.steps - t.state.step) * t.settings.batch } };
	int flags = 0;

	progress_begin(&w.progress, "images");
	describe(w.note, sizeof w.note, w.progress.begun, 0);
	w.progress.note = w.note;
	w.saved = w.progress.begun;
	reader_on_wait(r, answer_status, &w);
	while (!trainer_done(&t) && !(flags = trainer_agree(&t, fill(r, path, record)))) {
		if (trainer_step(&t) < 0)
			die();
		after_step(&w);
	}
	if (flags < 0)
		die();
	reader_on_wait(r, NULL, NULL);
	progress_end(&w.progress);
	return flags;
}

/* Read the rest of the stream, if it is shorter than a batch: this verifies its end and lets its producer finish. Where
   its length is not known, that many records show whether it is. */
static void
drain(struct reader *r, struct record *record)
{
	const long left = trainer_left(&t);
	long more = left < 0 ? t.settings.batch : LONG_MAX;
	int got = 1;

	if (left >= t.settings.batch)
		return;
	while (got > 0 && more-- > 0 && !die_stop_asked)
		got = reader_next(r, record);
	if (got < 0 && !die_stop_asked)
		die();
}

/* Train on the stream at `path`. Returns the exit status. */
static int
run(struct reader *r, const char *path, struct record *record)
{
	int flags;

	if (trainer_done(&t)) {
		warn_rank0(NULL, "%s: already complete at step %ld", t.run, t.state.step);
		drain(r, record);
		return 0;
	}
	if (t.saved >= 0 && !cli_common.quiet)
		warn_rank0(NULL, "%s: resumes after step %ld", t.run, t.saved);
	flags = train(r, path, record);
	if (flags & TRAINER_ENDED && t.state.step == 0)
		die_with(ERR_DATA, "the stream has fewer images than one batch of %ld; use a smaller batch",
			t.settings.batch);
	if (flags == TRAINER_ENDED)
		warn_rank0(NULL, "the stream ended after step %ld of %ld: images are missing or were skipped",
			t.state.step, t.settings.steps);
	if (t.state.step > 0 && trainer_save(&t) < 0)
		die();
	if (flags & TRAINER_STOP) {
		warn_rank0(NULL, "stopped at step %ld; run the same command again to resume", t.state.step);
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
	t.warn = warn_rank0;
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
		die_with(ERR_USAGE, "no run directory given; use --output");
	if (n > 1)
		die_with(ERR_USAGE, "%d input files given, but one is read; join streams with cat", n);
	t.run = args.run;
	t.threads = (int)cli_threads(args.threads);
	die_watch_signals();
	path = n ? operands[0] : "-";
	r = reader_open(path);
	if (!r && die_stop_asked)
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
