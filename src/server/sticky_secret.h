// What a sticky pool's `secret_file` holds: the key of its tokens, the same for every weir of a fleet. Control thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "server/tls_files.h"

namespace weir::server {

inline constexpr size_t kLeastSecret = 16;  // bytes
inline constexpr size_t kMostSecret = 4096;

// Its bytes, without the line breaks at its end. An error names the file; its code is an errno where the file can not
// be read.
Result<std::string> read_sticky_secret(const std::string& path);

// What is wrong with those of a config.
std::vector<FileMistake> check_sticky_secrets(const config::Config& config);

}  // namespace weir::server
