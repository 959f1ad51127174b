/*
 * The floor that a pass is measured against: the same files, one pread each into one buffer, every
 * number in them converted. Nothing that reads these files in this way can do less.
 *
 * stdin: one path a line, an empty line, then a line for each round. Files are kept open; one whose
 * line begins with a minus is opened, read and closed in each round. A round of "k" reads only those
 * that are kept open. stdout: CPU milliseconds (user and system) of each round.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static double cpu_ms(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
         (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static unsigned long long sum;

static void convert(const char *text, ssize_t length) {
  unsigned long long value = 0;
  int inside = 0;
  for (ssize_t i = 0; i < length; i++) {
    unsigned digit = (unsigned char)text[i] - '0';
    if (digit < 10) {
      value = value * 10 + digit;
      inside = 1;
    } else if (inside) {
      sum += value;
      value = 0;
      inside = 0;
    }
  }
  if (inside) sum += value;
}

int main(void) {
  static char buffer[1 << 16];
  char path[4096];
  int capacity = 1024, count = 0;
  int *files = malloc(capacity * sizeof *files);
  char **paths = malloc(capacity * sizeof *paths);
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  while (fgets(path, sizeof path, stdin) && path[0] != '\n') {
    path[strcspn(path, "\n")] = 0;
    if (count == capacity) {
      files = realloc(files, (capacity *= 2) * sizeof *files);
      paths = realloc(paths, capacity * sizeof *paths);
    }
    paths[count] = strdup(path + 1);
    if (path[0] == '-') {
      files[count++] = -1;
      continue;
    }
    if ((files[count] = open(path + 1, O_RDONLY | O_CLOEXEC)) < 0) {
      perror(path);
      return 1;
    }
    count++;
  }
  while (fgets(path, sizeof path, stdin)) {
    double before = cpu_ms();
    for (int i = 0; i < count; i++) {
      if (files[i] < 0 && path[0] == 'k') continue;
      int file = files[i] < 0 ? open(paths[i], O_RDONLY | O_CLOEXEC) : files[i];
      ssize_t length = pread(file, buffer, sizeof buffer, 0);
      if (length > 0) convert(buffer, length);
      if (files[i] < 0) close(file);
    }
    printf("%.3f\n", cpu_ms() - before);
    fflush(stdout);
  }
  fprintf(stderr, "files %d sum %llu\n", count, sum);
  return 0;
}
