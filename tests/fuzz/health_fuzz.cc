// Fuzzes what an endpoint's answer says of its health. Input: a byte that chooses the plan, one for the status, one for
// the Content-Type, then the body. Whatever comes, the finding has a reason that fits a log line, and a plan that was
// written about takes nothing for good that it does not expect.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>

#include "upstream/health_answer.h"

using namespace weir::upstream;

namespace {

void demand(bool holds, const char* what) {
    if (holds) return;
    fprintf(stderr, "health_fuzz: %s\n", what);
    abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    constexpr size_t kHead = 3;
    if (size < kHead) return 0;
    HealthPlan plan;
    plan.lenient = (data[0] & 1) != 0;
    plan.status = {{200, 299}};
    if ((data[0] & 2) != 0) plan.body = "ok";
    if ((data[0] & 4) != 0) plan.json = {{"status", "ok"}, {"db", "1"}};
    HealthAnswer answer;
    answer.status = 200 + 2 * data[1] % 400;
    constexpr std::string_view kTypes[] = {"", "application/json", "application/health+json; charset=utf-8"};
    answer.type = kTypes[data[2] % std::size(kTypes)];
    answer.body = {reinterpret_cast<const char*>(data) + kHead, size - kHead};

    const HealthFinding finding = judge(plan, answer, (data[0] & 8) != 0);
    demand(!finding.reason.empty() && finding.reason.size() < 256, "a reason of an odd size");
    for (const char c : finding.reason) demand(c >= ' ' && c < 0x7f, "a reason with control bytes");
    if (finding.result != ProbeResult::ok || plan.lenient) return 0;
    demand(answer.status < 300, "a status that is not expected");
    demand(answer.body.find(plan.body) != answer.body.npos, "a body that is not expected");
    return 0;
}
