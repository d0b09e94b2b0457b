# make demo    see the whole product work, on made-up users
# make test    build and test everything, then `make check`
# make check   format, lint, links, generated files
# make soak    the long forms of erasure and fuzz tests; the record lands in Benchmarks/results
# make bench   measure; results land in Benchmarks/results
# make build   the release command, at bin/avow

SHELL := /bin/bash
AVOW := Collector/.build/debug/avow

.PHONY: demo test check soak bench build bootstrap debug examples format clean

bootstrap:
	@Scripts/bootstrap

debug: bootstrap
	swift build --package-path Collector --product avow

examples: bootstrap
	swift build --package-path Examples

demo: debug examples
	$(AVOW) demo --catalogs Catalogs --examples Examples/.build/debug

test: bootstrap
	Scripts/test
	Scripts/check

check: bootstrap
	Scripts/check

soak: bootstrap
	Scripts/soak

bench: bootstrap
	Scripts/bench

build: bootstrap
	swift build -c release --package-path Collector --product avow
	@mkdir -p bin
	@install -m 755 Collector/.build/release/avow bin/avow
	@echo "bin/avow is ready"

format:
	Scripts/format

clean:
	rm -rf .build Collector/.build Examples/.build Benchmarks/.build bin
