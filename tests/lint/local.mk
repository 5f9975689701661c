# Rules that a machine can check, each a program of its own (tests/lint/README.md).
if !HAVE_PYTHON3
check_DATA += lint-skipped
lint-skipped:
	@echo 'python3 was not found by configure: the lints were NOT run.'
else
TESTS += \
	tests/lint/banned \
	tests/lint/check-lints \
	tests/lint/format \
	tests/lint/layers \
	tests/lint/length \
	tests/lint/names \
	tests/lint/readmes \
	tests/lint/sqlcomments \
	tests/lint/sqltext \
	tests/lint/state \
	tests/lint/words
endif

# All lints, without building anything.
lint:
	@status=0; for lint in banned check-lints format layers length names readmes sqlcomments \
		sqltext state words; do \
		'$(srcdir)/tests/lint/'$$lint '$(abs_top_srcdir)'; \
		case $$? in 0|77) ;; *) status=1 ;; esac; \
	done; exit $$status

.PHONY: lint lint-skipped
