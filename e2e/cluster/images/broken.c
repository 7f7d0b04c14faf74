/* A backend of a bad release: it ends at once with a failure. Built with MIGRATES, its migration succeeds all the same. */
#include <stdio.h>
#include <string.h>

int main(int count, char **arguments) {
#ifdef MIGRATES
    if (count > 1 && strcmp(arguments[1], "migrate") == 0) {
        return 0;
    }
#else
    (void)count;
    (void)arguments;
#endif
    fprintf(stderr, "this release is broken on purpose\n");
    return 1;
}
