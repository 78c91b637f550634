/*
 * Starts ffmpeg within limits, as prlimit(1) does, which Lambda's image does not have; and takes away
 * what ffmpeg never needs, as far as the kernel lets a program without privileges do that:
 *
 *   ffmpeg-cage --as=BYTES --cpu=SECONDS … --port=PORT -- PROGRAM ARGUMENTS
 *
 * - setrlimit(2): the limits, by the names that prlimit has for them.
 * - close_range(2): descriptors other than 0 to 3 (Linux 5.9).
 * - prctl(2): it dies with its parent, and gains no privileges.
 * - landlock(7): no file but the program itself (Linux 5.13); TCP to no port but PORT (Linux 6.7).
 * - seccomp(2): no file is opened, no process started, no socket made but for TCP (Linux 3.5).
 *
 * Limits that cannot be set end the start; what the kernel does not have is left out. PROGRAM has to
 * be linked statically, or it cannot open its libraries.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static void stop(const char *what) {
  fprintf(stderr, "ffmpeg-cage: %s: %s\n", what, strerror(errno));
  exit(126);
}

static const struct { const char *name; int resource; } LIMITS[] = {
  {"--as=", RLIMIT_AS}, {"--cpu=", RLIMIT_CPU}, {"--fsize=", RLIMIT_FSIZE},
  {"--nofile=", RLIMIT_NOFILE}, {"--core=", RLIMIT_CORE},
};

static void set_limit(const char *option) {
  for (size_t i = 0; i < sizeof LIMITS / sizeof *LIMITS; i++) {
    size_t length = strlen(LIMITS[i].name);
    if (strncmp(option, LIMITS[i].name, length) != 0) continue;
    rlim_t most = strtoull(option + length, NULL, 10);
    if (setrlimit(LIMITS[i].resource, &(struct rlimit){most, most}) != 0) stop(option);
    return;
  }
  errno = EINVAL;
  stop(option);
}

/* https://docs.kernel.org/userspace-api/landlock.html, whose header may be older than the kernel. */
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446, GET_VERSION = 1 };
enum { PATH_BENEATH = 1, NET_PORT = 2, FS_EXECUTE = 1, FS_READ = 4, NET_BIND = 1, NET_CONNECT = 2 };
/* Everything that a version can forbid about files, by the version. */
static const uint64_t FS_ALL[] = {0, 0x1fff, 0x3fff, 0x7fff, 0x7fff, 0xffff};

static void leave_only(const char *program, uint64_t port) {
  long version = syscall(CREATE_RULESET, NULL, 0, GET_VERSION);
  if (version < 1) return;
  int knows_ports = version >= 4;
  uint64_t fs = FS_ALL[version < 5 ? version : 5];
  struct { uint64_t fs, net; } forbidden = {fs, NET_BIND | NET_CONNECT};
  size_t size = knows_ports ? sizeof forbidden : sizeof forbidden.fs;
  int rules = (int)syscall(CREATE_RULESET, &forbidden, size, 0);
  if (rules < 0) stop("landlock");
  struct { uint64_t access; int32_t file; } __attribute__((packed)) path = {
    FS_EXECUTE | FS_READ, open(program, O_PATH | O_CLOEXEC)};
  if (path.file < 0) stop(program);
  if (syscall(ADD_RULE, rules, PATH_BENEATH, &path, 0) != 0) stop("landlock, program");
  struct { uint64_t access, port; } source = {NET_CONNECT, port};
  if (knows_ports && syscall(ADD_RULE, rules, NET_PORT, &source, 0) != 0) stop("landlock, port");
  if (syscall(RESTRICT_SELF, rules, 0) != 0) stop("landlock");
}

#ifdef __aarch64__
#define MACHINE AUDIT_ARCH_AARCH64
#else
#define MACHINE AUDIT_ARCH_X86_64
#endif
#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define ARGUMENT(number) offsetof(struct seccomp_data, args[number])
/* The next instruction, or the one so many behind it. */
#define IF(test, value, skipped) BPF_JUMP(BPF_JMP | test | BPF_K, value, 0, skipped)
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define REFUSE(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error)
#define REFUSE_CALL(name, error) IF(BPF_JEQ, __NR_##name, 1), REFUSE(error)

static struct sock_filter CALLS[] = {
  LOAD(offsetof(struct seccomp_data, arch)),
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0), REFUSE(ENOSYS),
  LOAD(offsetof(struct seccomp_data, nr)),
#ifdef __x86_64__
  /* x32: the same calls by other numbers. */
  IF(BPF_JGE, 0x40000000, 1), REFUSE(ENOSYS),
  REFUSE_CALL(open, EACCES), REFUSE_CALL(creat, EACCES),
  REFUSE_CALL(fork, EPERM), REFUSE_CALL(vfork, EPERM),
#endif
  REFUSE_CALL(openat, EACCES), REFUSE_CALL(openat2, EACCES),
  REFUSE_CALL(open_by_handle_at, EACCES), REFUSE_CALL(io_uring_setup, ENOSYS),
  REFUSE_CALL(ptrace, EPERM), REFUSE_CALL(process_vm_readv, EPERM),
  REFUSE_CALL(process_vm_writev, EPERM), REFUSE_CALL(bind, EACCES), REFUSE_CALL(listen, EACCES),
  REFUSE_CALL(sendmsg, EACCES), REFUSE_CALL(sendmmsg, EACCES),
  /* Without it glibc takes clone, whose flags can be seen here: only threads. */
  REFUSE_CALL(clone3, ENOSYS),
  IF(BPF_JEQ, __NR_clone, 4),
  LOAD(ARGUMENT(0)), IF(BPF_JSET, CLONE_THREAD, 1), ALLOW, REFUSE(EPERM),
  /* Only TCP, by IPv4. */
  IF(BPF_JEQ, __NR_socket, 7),
  LOAD(ARGUMENT(0)), IF(BPF_JEQ, AF_INET, 4),
  LOAD(ARGUMENT(1)), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf), IF(BPF_JEQ, SOCK_STREAM, 1), ALLOW,
  REFUSE(EACCES),
  /* With an address it could connect (MSG_FASTOPEN) past landlock. */
  IF(BPF_JEQ, __NR_sendto, 6),
  LOAD(ARGUMENT(4)), IF(BPF_JEQ, 0, 3), LOAD(ARGUMENT(4) + 4), IF(BPF_JEQ, 0, 1), ALLOW,
  REFUSE(EACCES),
  ALLOW,
};

static void refuse_calls(void) {
  struct sock_fprog program = {sizeof CALLS / sizeof *CALLS, CALLS};
  /* Lambda does not say whether its kernel has it. The limits and ffmpeg's own lists hold without. */
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0) perror("ffmpeg-cage: seccomp");
}

int main(int count, char **arguments) {
  uint64_t port = 0;
  int at = 1;
  for (; at < count && strcmp(arguments[at], "--") != 0; at++) {
    if (sscanf(arguments[at], "--port=%lu", &port) != 1) set_limit(arguments[at]);
  }
  char **program = arguments + at + 1;
  if (at + 1 >= count) {
    long version = syscall(CREATE_RULESET, NULL, 0, GET_VERSION);
    fprintf(stderr, "ffmpeg-cage: no program to start (this kernel has Landlock %ld)\n", version);
    return 64;
  }
  syscall(SYS_close_range, 4, ~0u, 0);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) stop("parent");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) stop("privileges");
  leave_only(*program, port);
  refuse_calls();
  execve(*program, program, (char *[]){NULL});
  stop(*program);
}
