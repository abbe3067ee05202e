// doctest and base/check.h both have a CHECK. Include this one last: from here on CHECK is doctest's.
#pragma once

#include "base/check.h"
#undef CHECK

#include <doctest/doctest.h>
