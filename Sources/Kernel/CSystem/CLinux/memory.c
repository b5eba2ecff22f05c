#include "clinux.h"

#include <malloc.h>

void ql_give_memory_back(void) { malloc_trim(0); }
