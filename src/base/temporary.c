/* SPDX-License-Identifier: MIT */
/* Temporary files. Each is locked by the process that writes it, so that one without a lock is known to be left over from a run that was killed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "temporary.h"

static const char prefix[] = ".flowproof-", suffix[] = ".tmp";

/* A lock on the whole file, held until it is closed. False if another process has one. Where a file system has no locks, everybody "has" it, and nobody may clean up. */
static bool lock(int fd, bool *supported)
{
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    *supported = true;
    if (fcntl(fd, F_SETLK, &l) == 0) return true;
    *supported = errno == EACCES || errno == EAGAIN;
    return !*supported;
}

/* Ours have our process number; those of others are removed if nobody holds a lock on them. The lock is taken for the removal, so a file that its owner
 * has just made and not yet locked is given up by him (who takes another name), not lost. */
static void remove_if_abandoned(const char *folder, const char *name)
{
    size_t n = strlen(name);
    if (strncmp(name, prefix, sizeof prefix - 1) != 0 || n < sizeof suffix || strcmp(name + n - (sizeof suffix - 1), suffix) != 0) return;
    if (strtol(name + sizeof prefix - 1, NULL, 10) == (long)getpid()) return;
    char *path = fp_asprintf("%s/%s", folder, name);
    struct stat st;
    bool supported = false;
    int fd = lstat(path, &st) == 0 && S_ISREG(st.st_mode) ? open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY) : -1;
    if (fd >= 0) {
        if (lock(fd, &supported) && supported) unlink(path);
        close(fd);
    }
    free(path);
}

void fp_temporary_clean(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir) return;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) remove_if_abandoned(folder, entry->d_name);
    closedir(dir);
}

int fp_temporary_open(char **name, const char *folder)
{
    for (unsigned attempt = 0; attempt < 1000; attempt++) {
        bool supported;
        *name = fp_asprintf("%s/%s%ld-%u%s", folder, prefix, (long)getpid(), attempt, suffix);
        int fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 && lock(fd, &supported)) return fd;
        int reason = fd < 0 ? errno : EEXIST;
        if (fd >= 0) close(fd);
        free(*name);
        *name = NULL;
        errno = reason;
        if (reason != EEXIST) break;
    }
    return -1;
}
