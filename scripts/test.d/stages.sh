# The stages of scripts/test, sourced by it. A stage is a function; run_stage gives it a log and writes NAME.result.
# Stages of one lane run one after the other, the two lanes side by side.
# shellcheck shell=bash disable=SC2154,SC2086
jobs=$(nproc)

# --- lanes ---------------------------------------------------------------------------------------------------------
lane() { # name, stages...
    local name=$1 stage
    shift
    exec </dev/null
    [[ $name == test_lane ]] || renice -n 5 -p "$BASHPID" >/dev/null 2>&1 || true  # tests come first: they keep time
    for stage in "$@"; do
        run_stage "$stage"
    done
}

# A stage runs once, whoever asks for it. What it needs was built, or it does not run and has failed.
run_stage() {
    local stage=$1 begin status=0
    (set -o noclobber && : >"$logs/$stage.begun") 2>/dev/null || return 0
    case $stage in
        e2e_tls) wait_for build_release ;;
        unit_* | e2e_*) wait_for "build_${stage#*_}" ;;
        fuzz) wait_for build_fuzz ;;
    esac
    begin=$SECONDS
    set +e  # and no `||`: it would switch off -e within the stage
    (
        set -e
        "$stage"
    ) >"$logs/$stage.log" 2>&1
    status=$?
    set -e
    write_result "$stage" "$status" $((SECONDS - begin))
}

# Waits until the other lane has finished a stage, well or not.
wait_for() {
    until [[ -e $logs/$1.result ]]; do sleep 0.2; done
}

# Fails when the build of a preset failed.
built() {
    if [[ $(cut -d' ' -f1 "$logs/build_$1.result") -ne 0 ]]; then
        echo "not run: the $1 build failed"
        return 1
    fi
}

# --- builds --------------------------------------------------------------------------------------------------------
build() { # preset, target
    cmake --preset "$1"
    cmake --build --preset "$1" --target "${2:-all}" -- -j "$jobs"
}
build_release() { build release "$release"; }
build_asan() { build asan; }
build_tsan() { build tsan; }
build_dev() { build dev; }
build_fuzz() { build fuzz; }
build_clang() {
    cmake --preset release -B build/clang -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14 -DWEIR_WERROR=ON
    cmake --build build/clang -- -j "$jobs"
}

# --- tests ---------------------------------------------------------------------------------------------------------
# What a sanitizer finds ends the process. Address space is laid out without chance where the kernel's range is too
# wide for the sanitizers of g++ 12.
export ASAN_OPTIONS=abort_on_error=1:detect_stack_use_after_return=1:strict_string_checks=1:check_initialization_order=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
plain_layout=()
if [[ $(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 28) -gt 28 ]] && setarch "$(uname -m)" -R true 2>/dev/null; then
    plain_layout=(setarch "$(uname -m)" -R)
fi

unit() {
    built "$1"
    # -V: the closing line of every test program is counted.
    "${plain_layout[@]}" ctest --test-dir "build/$1" -V --timeout 300 --no-tests=error -j "$jobs"
}
unit_release() { unit release; }
unit_asan() { unit asan; }
unit_tsan() { unit tsan; }
unit_dev() { unit dev; }
unit_clang() { unit clang; }

# tests/e2e/run fetches what it needs from the npm registry, once.
e2e() { # preset, arguments of tests/e2e/run
    local preset=$1
    shift
    built "$preset"
    if [[ ! -x tests/e2e/run ]]; then
        echo "there is no tests/e2e/run"
        return 1
    fi
    WEIR=$root/build/$preset/weir timeout --foreground --kill-after=20 1200 "${plain_layout[@]}" tests/e2e/run "$@"
}
e2e_release() { e2e release; }
# Between the clients and weir there is TLS. No pattern: all files.
e2e_tls() { WEIR_TLS=1 e2e release $over_tls; }
e2e_asan() { e2e asan $core; }
e2e_tsan() { e2e tsan $core; }

lint() {
    scripts/lint --self-test
    scripts/lint
}

fuzz() {
    built fuzz
    scripts/test.d/fuzz "$fuzz_seconds"
}
