#pragma once
#include <memory>
#include <string>
#include "base/result.h"
namespace weir::admin {
class Daemon {
 public:
    virtual ~Daemon() = default;
    virtual bool ready() = 0;
    virtual std::string metrics() = 0;
};
class AdminServer {
 public:
    static Result<std::unique_ptr<AdminServer>> start(const std::string& address, Daemon& daemon);
};
}  // namespace weir::admin
