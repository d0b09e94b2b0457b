#if canImport(Glibc)
  import CAllocator
#endif

/// How this process asks the system for memory.
public enum Allocator {
  /// Makes what large request bodies held go back to the system as soon as they are done.
  ///
  /// glibc raises the size from which an allocation gets pages of its own to that of the largest one freed, so
  /// that after one body of 20 MiB all later ones come out of the heaps, whose holes stay resident. A fixed
  /// threshold, and a few heaps instead of eight a core, keep the peak near what is really in use. Call it
  /// before other threads start; elsewhere than on glibc it does nothing. Source: mallopt(3).
  public static func boundMemory() {
    #if canImport(Glibc)
      _ = mallopt(M_MMAP_THRESHOLD, 512 << 10)
      _ = mallopt(M_TRIM_THRESHOLD, 1 << 20)
      _ = mallopt(M_ARENA_MAX, 4)
    #endif
  }
}
