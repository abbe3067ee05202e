// The command line: what `weir ...` does, one function a command. Reads arguments and files, prints, and returns the
// exit code of the contract: 0 fine, 1 refused, 2 wrong usage, 3 the environment failed.
#pragma once

namespace weir::cli {

int main(int argc, char** argv);

}  // namespace weir::cli
