#!/bin/bash
# checkpoint.t - a kill or an error at every system call of a checkpoint leaves a whole checkpoint, and the resumed run
# ends with the same bytes
. "${0%/*}/lib.sh"
. "${0%/*}/train.sh"
command -v strace >/dev/null || skip_all "strace is not installed"
make_masked || { fail "the stream is made"; done_testing; }
strace -o /dev/null true 2>/dev/null || skip_all "strace may not trace here"
# the sanitizers' own calls would be counted, and LeakSanitizer does not work under a tracer
ldd "$bin/tscae-train" | grep -q libasan && skip_all "not under the sanitizers"

train "$ref" "$masked"
want=$(weights "$ref")
train "$tmp/most" checkpoint_steps=10 keep_checkpoints=2 "$masked"
mkdir "$tmp/start" && cp -r "$tmp/most/checkpoint-00000010" "$tmp/start" && ln -s checkpoint-00000010 \
	"$tmp/start/latest"

# the run under test: one step from a checkpoint, then the checkpoint under test
again() { rm -rf "$tmp/run"; cp -r "$tmp/start" "$tmp/run"; }
calls=write,writev,pwrite64,fsync,fdatasync,rename,renameat,renameat2,openat
calls=$calls,close,mkdir,mkdirat,symlink,symlinkat,unlink,unlinkat,rmdir,ftruncate,mmap,lseek
again
strace -f -e trace=$calls -o "$tmp/trace" "$bin/tscae-train" -q -t 1 -o "$tmp/run" $tiny "$masked" 2>"$tmp/stderr"
is "a traced run ends with the same bytes" "$? $(weights "$tmp/run")" "0 $want"

# numbers of the calls of one kind since the checkpoint began to be written
numbers() {
	sed -E 's/^[0-9]+ +//' "$tmp/trace" | awk -v call="$1" '
		/mkdir.*checkpoint-00000011\.tmp/ { on = 1 }
		# a folder is opened only to look for files that killed processes left
		index($0, call "(") == 1 { n++; if (on && !/O_DIRECTORY/) print n }'
}
inject() { # inject CALL HOW NUMBER: the run with a fault at that call
	again
	strace -f -o /dev/null -e trace="$1" -e inject="$1:$2:when=$3" "$bin/tscae-train" -q -t 1 -o "$tmp/run" $tiny \
		"$masked" 2>"$tmp/stderr"
}

kinds=$(sed -nE 's/^[0-9]+ +([a-z0-9]+)\(.*/\1/p' "$tmp/trace" | sort -u)
killed=0 bad=
for call in $kinds; do
	for k in $(numbers $call); do
		inject $call signal=SIGKILL $k 2>/dev/null
		killed=$((killed + 1))
		index=$(tscae-train --resume-index "$tmp/run")
		case $index in 80 | 88) ;; *) bad="$bad $call-$k:index=$index" ;; esac
		[ -s "$tmp/run/latest/model.safetensors" ] && [ -s "$tmp/run/latest/state.safetensors" ] ||
			bad="$bad $call-$k:latest"
		train "$tmp/run" "$masked" 2>/dev/null
		[ "$(weights "$tmp/run")" = "$want" ] || bad="$bad $call-$k:end"
		no_leftovers "$tmp/run" || bad="$bad $call-$k:$(cd "$tmp/run" && echo *)"
	done
done
is "killed at each of $killed system calls: a whole checkpoint, the same end, no partial files" "$bad" ""
ok "at least 30 system calls of a checkpoint were killed" test $killed -ge 30

# an error instead of a kill: a checkpoint that fails is exit 74 and the old one stays; a failure after it may only warn
failed=0 warned=0 bad=
for call in $kinds; do
	case $call in close | mmap | lseek | ftruncate) continue ;; openat) how=error=EMFILE ;; fsync | unlink) \
		how=error=EIO ;; *) how=error=ENOSPC ;; esac
	for k in $(numbers $call); do
		inject $call $how $k
		case $?-$how in
		# no descriptor to read the checkpoint back
		71-error=EMFILE) failed=$((failed + 1)) ;;
		74-*) failed=$((failed + 1)) ;;
		0-*) warned=$((warned + 1)); [ -s "$tmp/stderr" ] || bad="$bad $call-$how-$k:silent" ;;
		*) bad="$bad $call-$how-$k:status" ;;
		esac
		tscae-train --resume-index "$tmp/run" >"$tmp/index" || bad="$bad $call-$how-$k:none"
		train "$tmp/run" "$masked" 2>/dev/null
		[ "$(weights "$tmp/run")" = "$want" ] || bad="$bad $call-$how-$k:end"
	done
done
is "an error at each system call ($failed exit 74 or 71, $warned warn): the old checkpoint stays, resuming works" \
	"$bad" ""
ok "most errors stop the run" test $failed -gt $warned

# only wrong data is damage: after an error of the system the newest checkpoint keeps its name
while read -r call error want_status; do
	for file in model state; do
		rm -rf "$tmp/run"; cp -r "$tmp/most" "$tmp/run"
		strace -f -o /dev/null -P "$tmp/run/checkpoint-00000011/$file.safetensors" -e trace=$call \
			-e inject=$call:error=$error "$bin/tscae-train" -q -t 1 -o "$tmp/run" $tiny "$masked" \
			2>"$tmp/stderr"
		is "$call of $file.safetensors fails with $error on resume: exit $want_status, nothing is renamed" \
			"$? $(cd "$tmp/run" && echo checkpoint*)" "$want_status checkpoint-00000010 checkpoint-00000011"
		like "$call of $file.safetensors fails with $error on resume: the message names the file" \
			"$(cat "$tmp/stderr")" "*checkpoint-00000011/$file.safetensors: *"
	done
done <<-'EOF'
	openat EIO 66
	openat EACCES 66
	openat EMFILE 71
	openat ENOMEM 71
	mmap ENOMEM 71
EOF
rm -rf "$tmp/run"; cp -r "$tmp/most" "$tmp/run"; rm "$tmp/run/checkpoint-00000011/state.safetensors"
train "$tmp/run" "$masked" 2>"$tmp/stderr"
is "a checkpoint without state.safetensors is damaged: the run resumes from the one before" \
	"$? $(ls -d "$tmp/run/"*.damaged | wc -l) $(weights "$tmp/run")" "0 1 $want"

# memory that runs out while a new checkpoint is read back is no failed output
again
strace -f -o /dev/null -P "$tmp/run/checkpoint-00000011/model.safetensors" -e trace=mmap -e inject=mmap:error=ENOMEM \
	"$bin/tscae-train" -q -t 1 -o "$tmp/run" $tiny "$masked" 2>"$tmp/stderr"
is "no memory to read back a checkpoint: exit 71" "$?" 71
like "no memory to read back a checkpoint: the message" "$(cat "$tmp/stderr")" \
	"*cannot read back the checkpoint*model.safetensors: Cannot allocate memory*"
done_testing
