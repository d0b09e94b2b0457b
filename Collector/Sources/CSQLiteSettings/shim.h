// A setting of SQLite that is made by a function with a variable number of arguments, which Swift cannot call.
#include <sqlite3.h>

/// Has SQLite not count the memory it uses, which takes a lock for every allocation. Before its first use only.
static inline int avow_sqlite3_uncounted_memory(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
