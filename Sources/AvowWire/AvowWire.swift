// What a client and a collector share is the collector's to know whole; a host links the core alone.
@_exported public import AvowCore
