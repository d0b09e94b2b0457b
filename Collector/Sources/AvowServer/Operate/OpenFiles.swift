#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How many files and connections the system lets this process have open at once.
enum OpenFiles {
  /// Asks for room for so many connections and returns how many there is room for.
  ///
  /// Systems start a service with a soft limit of 1024, above which connections fail with an error nobody
  /// sees; a process may raise it itself up to the hard limit. Source: getrlimit(2).
  static func allow(connections wanted: Int) -> Int {
    var limit = rlimit()
    #if canImport(Glibc)
      let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
      let files = RLIMIT_NOFILE
    #endif
    guard getrlimit(files, &limit) == 0 else { return min(wanted, 768) }
    let needed = rlim_t(wanted + others)
    if limit.rlim_cur < needed {
      limit.rlim_cur = min(needed, limit.rlim_max)
      _ = setrlimit(files, &limit)
      guard getrlimit(files, &limit) == 0 else { return min(wanted, 768) }
    }
    let possible = Int(clamping: limit.rlim_cur) - others
    return max(64, min(wanted, possible))
  }

  /// What the databases, their indexes, logs and the control socket need.
  private static let others = 256
}
