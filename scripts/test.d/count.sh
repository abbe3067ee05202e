# What came of the stages of scripts/test, sourced by it: counts tests in the logs, shows closing lines and failures.
# NAME.result is one line: exit status, passed, failed, skipped, seconds.
# shellcheck shell=bash disable=SC2154

# Prints "passed failed skipped" of a log: doctest programs and other tests under ctest, node --test (its tap and its
# spec reporter), and our own PASS and FAIL lines.
count_tests() {
    awk '
        /^[0-9]+: \[doctest\] test cases:/ {
            split($1, id, ":"); doctest[id[1]] = 1
            for (i = 2; i <= NF; ++i) {
                if ($i == "passed") good[id[1]] += $(i - 1)
                if ($i == "failed") bad[id[1]] += $(i - 1)
                if ($i == "skipped") skipped += $(i - 1)
            }
        }
        /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
            match($0, /#[0-9]+/); id_text = substr($0, RSTART + 1, RLENGTH - 1)
            if ($0 ~ / Passed +[0-9.]+ sec/) passed += (id_text in doctest) ? 0 : 1
            else if (!bad[id_text]) failed += 1
            passed += good[id_text]; failed += bad[id_text]
            if ((id_text in doctest) && good[id_text] + bad[id_text] == 0) failed += 1
        }
        /^(#|ℹ) pass [0-9]+$/ { passed += $3 }
        /^(#|ℹ) (fail|cancelled) [0-9]+$/ { failed += $3 }
        /^(#|ℹ) (skipped|todo) [0-9]+$/ { skipped += $3 }
        /^PASS / { passed += 1 }
        /^FAIL / { failed += 1 }
        END { printf "%d %d %d\n", passed, failed, skipped }
    ' "$1"
}

write_result() { # stage, exit status, seconds
    local stage=$1 status=$2 seconds=$3 passed failed skipped
    read -r passed failed skipped < <(count_tests "$logs/$stage.log")
    case $stage in
        unit_* | e2e_* | fuzz)  # made of tests: none at all is a failure
            if [[ $((passed + failed)) -eq 0 ]]; then
                [[ $status -ne 0 ]] || echo "no test ran" >>"$logs/$stage.log"
                status=1
            fi
            ;;
        *) [[ $status -ne 0 || $((passed + failed)) -gt 0 ]] || passed=1 ;;  # one step that went well
    esac
    [[ $failed -eq 0 || $status -ne 0 ]] || status=1
    [[ $status -eq 0 || $failed -gt 0 ]] || failed=1
    {
        flock 9
        show "$stage" "$status" "$seconds" "$passed" "$failed" "$skipped"
    } 9>"$logs/.show"
    echo "$status $passed $failed $skipped $seconds" >"$logs/.$stage"
    mv "$logs/.$stage" "$logs/$stage.result"
}

show() { # stage, exit status, seconds, passed, failed, skipped
    local log=$logs/$1.log
    if [[ $2 -eq 0 ]]; then
        printf '%-14s ok      %4ds  %d passed' "$1" "$3" "$4"
    else
        printf '%-14s FAILED  %4ds  %d passed, %d failed' "$1" "$3" "$4" "$5"
    fi
    [[ $6 -eq 0 ]] || printf ', %d skipped' "$6"
    printf '\n'
    # The runners' own closing lines.
    case $1 in
        unit_*) grep -E 'tests passed,|^Total Test time' "$log" | sed 's/^/    /' || true ;;
        e2e_*) grep -E '^(#|ℹ) (tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ' "$log" | sed 's/^/    /' || true ;;
        fuzz | lint) grep -E '^(PASS|FAIL) ' "$log" | sed 's/^/    /' || true ;;
    esac
    [[ $2 -eq 0 ]] || show_failure "$1" 2>&1 | sed 's/^/  | /'
}

show_failure() {
    local log=$logs/$1.log found=
    case $1 in
        build_*) found=$(grep -E -A6 '^FAILED: |error:|warning:|CMake Error' "$log" | head -80 || true) ;;
        unit_*) found=$(grep -E -B3 -A12 'ERROR: |SUMMARY: |CHECK failed|WARNING: ThreadSanitizer|runtime error|\*\*\*' "$log" | head -120 || true) ;;
        e2e_*) found=$(sed -n '/^✖ failing tests:/,$p' "$log" | head -200) ;;
    esac
    if [[ -n $found ]]; then
        printf '%s\n' "$found"
    else
        tail -n 60 "$log"
    fi
    echo "all of it: ${log#"$root"/}"
}

sum_up() { # stages
    local stage passed=0 failed=0 skipped=0 p f s
    for stage in $(printf '%s\n' "$@" | sort -u); do
        if [[ -e $logs/$stage.result ]]; then
            read -r _ p f s _ <"$logs/$stage.result"
        else
            echo "$stage did not run"
            p=0 f=1 s=0
        fi
        passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    done
    [[ $skipped -eq 0 ]] || echo "$skipped skipped"
    echo "$passed passed, $failed failed"
    [[ $failed -eq 0 && $passed -gt 0 ]]
}
