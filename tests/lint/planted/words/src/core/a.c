/* Works around issue 4711. */
/* fixes #12 */
/* The issue of a ticket, seat #12 of row #3, and what processes share. */
/* TODO: the rest */
int shared_memory;
