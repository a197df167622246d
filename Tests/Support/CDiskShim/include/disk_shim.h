// Nothing is called: the library is preloaded, and takes the place of system
// calls. See disk_shim.c.
