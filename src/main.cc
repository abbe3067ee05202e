// The door: the command line goes to cli/, nothing else happens here.
#include "cli/commands.h"

int main(int argc, char** argv) {
    return weir::cli::main(argc, argv);
}
