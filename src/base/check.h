// CHECK(condition): a broken invariant ends the process at once, in every build. Peers, network, disk and config
// never break invariants: they give a Result.
#pragma once

namespace weir {

// Writes "CHECK failed: what (file:line)" to stderr and aborts.
[[noreturn, gnu::cold]] void check_failed(const char* what, const char* file, int line);

}  // namespace weir

#define CHECK(condition)                                                      \
    (__builtin_expect(static_cast<bool>(condition), 1) ? static_cast<void>(0) \
                                                       : ::weir::check_failed(#condition, __FILE__, __LINE__))
