# Parlor.  `make help` lists what can be asked for.
#
# A program is its folder and what that stands on, so a new file needs no edit
# here.  Objects lie under build/<variant>/: a sanitizer build never disturbs
# the plain one.

PORT ?= 8080
DATA ?= var
WWW ?= build/www
prefix ?= /usr/local
SAN ?=
PORTABLE ?=

comma := ,
variant := $(if $(FAILPOINTS),failpoints,$(if $(SAN),san-$(subst $(comma),-,$(SAN)),$(if $(PORTABLE),portable,plain)))
B := build/$(variant)

CC ?= cc
STD = -std=c11 -D_GNU_SOURCE -I. -include db/base/banned.h -MMD -MP -pthread
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wcast-qual -Wwrite-strings -Wvla -Wformat=2 -Wswitch-enum -Wconversion
HARDEN = -fstack-protector-strong -fPIE
CFLAGS ?= -O2 -g
LINK = -pie -pthread -Wl,-z,relro,-z,now,--as-needed
ifneq ($(filter plain portable,$(variant)),)
WARN += -Werror
HARDEN += -D_FORTIFY_SOURCE=2
endif
ifneq ($(SAN),)
CFLAGS = -O1 -g -fno-omit-frame-pointer -fsanitize=$(SAN) -fno-sanitize-recover=all
LINK += -fsanitize=$(SAN)
endif
ifneq ($(FAILPOINTS),)
STD += -DFAILPOINTS
endif
COMPILE = $(CC) $(STD) $(WARN) $(HARDEN) $(CFLAGS) $(LAST)

LIBS_DB = -lsqlite3 -ljansson -lsodium -licui18n -licuuc
LIBS_API = $(LIBS_DB)
LIBS_POLLER = -lmicrohttpd $(LIBS_DB)
# A host need not have the libraries: libc, libm and, for the poller, libgnutls
# are all that is looked for there.
ifneq ($(PORTABLE),)
LINK += -s -static-libgcc -Wl,-Bstatic
LIBS_STATIC := $(LIBS_DB) -lstdc++ -lm
LIBS_DB += -lstdc++ -Wl,-Bdynamic -lm
LIBS_POLLER += -lgnutls
endif

# All of a folder's C files, those in its folders too.
c_in = $(wildcard $(1)/*.c $(1)/*/*.c $(1)/*/*/*.c)
h_in = $(wildcard $(1)/*.h $(1)/*/*.h $(1)/*/*/*.h)
admin_src := $(wildcard db/admin/*.c)
db_src := $(filter-out $(admin_src),$(call c_in,db))
api_src := $(filter-out api/main.c,$(call c_in,api))
poller_src := $(filter-out poller/main.c,$(call c_in,poller))
unit_src := $(wildcard tests/unit/*.c)
unit_lib_src := $(wildcard tests/lib/*.c)
load_mains := tests/load/load.c tests/load/floor.c tests/load/store_floor.c
load_src := $(filter-out $(load_mains),$(wildcard tests/load/*.c))
c_files := $(foreach dir,api poller db,$(call c_in,$(dir)) $(call h_in,$(dir))) \
	$(wildcard tests/unit/*.[ch] tests/lib/*.[ch] tests/load/*.[ch] \
	tests/harness/*.c tests/shim/*.c)

obj = $(patsubst %.c,$(B)/%.o,$(1))

page := build/www/index.html
programs := $(B)/parlor $(B)/parlor-api $(B)/parlor-poller
units := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(unit_src))
contain := $(B)/tests/harness/contain
loads := $(patsubst %.c,$(B)/%,$(load_mains))
shims := $(patsubst %.c,$(B)/%.so,$(wildcard tests/shim/*.c))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all build portable run test check units lint bench bench-build \
	bench-quick bench-growth bench-vs dist zip npm-pack install deb clean help deps mutants

all: build
build: $(programs) $(page)               ## compile the three programs and make the page; installs nothing

portable:                                ## the same for a host without the libraries
	@$(MAKE) --no-print-directory PORTABLE=1 build

parts := build $(if $(PORTABLE),portable) $(if $(DEB),deb)
deps:                                    ## install what compiling needs (Debian; PORTABLE=1: for portable, DEB=1: for deb)
	@.ci/packages $(parts)

# Looked at once for each variant: a missing library is named by its package.
$(B)/deps: .ci/packages
	@CC="$(CC)" .ci/packages --check $(parts)
	@mkdir -p $(@D) && touch $@
$(B)/deps-unit: .ci/packages
	@CC="$(CC)" .ci/packages --check unit
	@mkdir -p $(@D) && touch $@

$(B)/db.a: $(call obj,$(db_src)) $(B)/migrations.o
$(B)/api.a: $(call obj,$(api_src)) $(B)/openapi.o
$(B)/poller.a: $(call obj,$(poller_src))
$(B)/load.a: $(call obj,$(load_src))
$(B)/unit-lib.a: $(call obj,$(unit_lib_src))
# Two folders may hold files of one name: q keeps both.
%.a:
	@rm -f $@
	@$(AR) qcs $@ $^

# ICU's data reduced to what is used.
$(B)/icudata.o: docs/zip/icudata | $(B)/deps
	@mkdir -p $(@D)
	@CC="$(CC)" docs/zip/icudata $@
ifneq ($(PORTABLE),)
$(programs) $(B)/parlor.cgi: $(B)/icudata.o
endif

$(B)/parlor: $(call obj,$(admin_src)) $(B)/db.a
	$(CC) $(LINK) -o $@ $^ $(LIBS_DB)
$(B)/parlor-api: $(B)/api/main.o $(B)/api.a $(B)/db.a
	$(CC) $(LINK) -o $@ $^ $(LIBS_API)
# The API alone, for a host of which nothing is known: not even its libc is used.
$(B)/parlor.cgi: $(B)/api/main.o $(B)/api.a $(B)/db.a
	$(CC) -static-pie -s -pthread -Wl,-z,relro,-z,now,--no-warnings -o $@ $^ $(LIBS_STATIC)
$(B)/parlor-poller: $(B)/poller/main.o $(B)/poller.a $(B)/api.a $(B)/db.a
	$(CC) $(LINK) -o $@ $^ $(LIBS_POLLER)
$(B)/tests/unit/%: $(B)/tests/unit/%.o \
		$(B)/tests/harness/line_buffered.o $(B)/unit-lib.a \
		$(B)/poller.a $(B)/api.a $(B)/db.a $(B)/load.a
	@$(CC) $(LINK) -o $@ $^ -lcmocka -lm $(LIBS_POLLER)
$(contain): $(B)/tests/harness/contain.o
	@$(CC) $(LINK) -o $@ $^
$(B)/tests/load/%: $(B)/tests/load/%.o $(B)/load.a
	@$(CC) $(LINK) -o $@ $^ -lm
$(B)/tests/load/store_floor: $(B)/tests/load/store_floor.o $(B)/load.a $(B)/db.a
	@$(CC) $(LINK) -o $@ $^ -lm $(LIBS_DB)

# Preloaded into programs, so without their sanitizers and banned calls.
$(B)/tests/shim/%.so: tests/shim/%.c
	@mkdir -p $(@D)
	@$(CC) -std=c11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -fPIC \
		-shared -o $@ $< -ldl

$(B)/tests/unit/%.o: tests/unit/%.c | $(B)/deps $(B)/deps-unit
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<
$(B)/tests/lib/%.o: tests/lib/%.c | $(B)/deps $(B)/deps-unit
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<
# A jump to another stack looks like a fault to the fortified _longjmp.
$(B)/db/base/stack.o: LAST = -U_FORTIFY_SOURCE
$(B)/%.o: %.c | $(B)/deps
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<
$(B)/%.o: $(B)/%.c | $(B)/deps
	$(COMPILE) -c -o $@ $<

# The migrations as C texts, in order, ended by NULL, and their number.
$(B)/migrations.c: $(sort $(wildcard migrations/*.sql)) Makefile
	@mkdir -p $(@D)
	@{ echo '#include "db/engine/migrations.h"'; \
	echo 'const char *const migrations[] = {'; \
	for f in $(filter %.sql,$^); do \
		sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/"&\\n"/' $$f; \
		echo ','; done; \
	echo 'NULL };'; \
	echo 'const int store_schema = $(words $(filter %.sql,$^));'; } > $@

# The page with versioned names and compressed variants.
$(page): www/build.py $(wildcard www/*) | $(B)/deps
	@/usr/bin/python3 $< www $(@D)

$(B)/openapi.c: docs/openapi.yaml docs/openapi.py db/base/version.h | $(B)/deps
	@mkdir -p $(@D)
	@/usr/bin/python3 docs/openapi.py docs/openapi.yaml db/base/version.h > $@

# parlor.conf(5) has an entry for each line of the table of settings.
man := $(filter-out %/parlor.conf.5,$(wildcard docs/man/*.[1-8])) $(B)/man/parlor.conf.5
$(B)/man/parlor.conf.5: docs/man/parlor.conf.5 docs/man/settings.py db/base/settings.def
	@mkdir -p $(@D)
	@/usr/bin/python3 docs/man/settings.py docs/man/parlor.conf.5 db/base/settings.def > $@

run: deps                                ## install what is missing, build and start it all on PORT=8080, DATA=var
	@$(MAKE) --no-print-directory build
	@$(B)/parlor --data $(DATA) migrate
	@$(B)/parlor --data $(DATA) room create lobby --title Lobby --if-missing
	@echo "Parlor comes up on http://127.0.0.1:$(PORT)/ - open it in two windows."
	@echo "Or: curl http://127.0.0.1:$(PORT)/api/v1/rooms/lobby   (README.md has more)"
	@exec $(B)/parlor-poller --embed --data $(DATA) \
		--listen 127.0.0.1:$(PORT) --www $(WWW)

# A program whose source is gone would still be run.
units: $(units) $(contain)
	@rm -f $(filter-out %.o %.d $(units),$(wildcard $(B)/tests/unit/*))
check:                                   ## the fast part of the tests (SAN=address,undefined or thread)
	@.ci/packages build unit
	@$(MAKE) --no-print-directory build units
	@BUILD=$(B) tests/run units

test:                                    ## install what tests need, run everything
	@.ci/packages build unit test
	@tests/all

test-build: build units $(loads) $(shims)

mutants:                                 ## plant faults one at a time, see that tests notice (an hour or two; ONLY=TEXT)
	@.ci/packages build unit test
	@$(MAKE) --no-print-directory test-build
	@node tests/mutants/run.mjs $(if $(ONLY),--only '$(ONLY)')

bench-build: build $(loads)
bench:                                   ## every target of docs/BENCHMARKS.md, beside nginx + nchan (an hour)
	@.ci/packages build bench
	@node tests/bench/bench.mjs --write docs/BENCHMARKS.md
bench-quick:                             ## the same in two minutes, for orientation
	@.ci/packages build bench
	@node tests/bench/bench.mjs --quick
bench-growth:                            ## how costs grow with subscribers, rooms, history and presence, as plots in docs
	@.ci/packages build bench
	@node tests/bench/growth.mjs --write docs
bench-vs:                                ## this tree beside another commit: COMMIT=main ONLY=T2,T4 ROUNDS=8
	@.ci/packages build bench
	@node tests/bench/bench.mjs --vs $(or $(COMMIT),main) \
		$(if $(ONLY),--only '$(ONLY)') $(if $(ROUNDS),--rounds $(ROUNDS))

lint:                                    ## clang-format, clang-tidy, cppcheck, include arrows, types of the page
	@.ci/packages build unit test lint
	@$(MAKE) --no-print-directory $(B)/migrations.c $(B)/openapi.c $(contain)
	@tests/lint $(c_files)

version := $(shell sed -n 's/.*PARLOR_VERSION "\(.*\)"/\1/p' db/base/version.h)
dist:                                    ## the source as build/dist/parlor-VERSION.tar.gz, the same each time
	@docs/zip/dist build/dist $(version)
zip:                                     ## the page and the API to unpack into a document root, without a shell
	@.ci/packages $(parts) portable zip
	@$(MAKE) --no-print-directory -s PORTABLE=1 build/portable/parlor.cgi $(page)
	@docs/zip/pack build/portable/parlor.cgi build/dist $(version)
npm-pack:                                ## the client library as an npm package, in build/npm
	@node docs/npm/pack.mjs build/npm $(version)

installed := build/www docs/apache docs/systemd docs/operate $(wildcard docs/nginx docs/lighttpd docs/caddy)
install: build $(man)                    ## into $(DESTDIR)$(prefix); PORTABLE=1: what portable made
	install -d $(DESTDIR)$(prefix)/bin
	install -m 755 $(programs) $(DESTDIR)$(prefix)/bin
	for dir in $(installed) build/www/v-*; do \
		to=$(DESTDIR)$(prefix)/share/parlor/$${dir#*/}; \
		install -d $$to && find $$dir -maxdepth 1 -type f \
			-exec install -p -m 644 -t $$to {} + || exit; done
	for page in $(man); do \
		to=$(DESTDIR)$(prefix)/share/man/man$${page##*.}; \
		install -d $$to && install -m 644 $$page $$to || exit; done
	install -D -m 644 docs/completion/parlor.bash \
		$(DESTDIR)$(prefix)/share/bash-completion/completions/parlor
	cd $(DESTDIR)$(prefix)/share/parlor && grep -rlF /usr/local/ \
		$(notdir $(filter-out build/www,$(installed))) | \
		xargs sed -i 's|/usr/local/|$(prefix)/|g'

# The package is built of a copy, where packaging stands in debian/.
deb_dir := build/deb
deb:                                     ## Debian package of this system's release, in build/deb
	@.ci/packages --check build deb
	rm -rf $(deb_dir) && mkdir -p $(deb_dir)/parlor
	cp -a Makefile LICENSE README.md CHANGELOG.md .ci api db docs migrations \
		poller www $(deb_dir)/parlor
	mv $(deb_dir)/parlor/docs/debian $(deb_dir)/parlor/debian
	cd $(deb_dir)/parlor && dpkg-buildpackage --build=binary --unsigned-changes
	rm -r $(deb_dir)/parlor

clean:                                   ## remove build/
	rm -rf build

help:                                    ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | \
		awk -F'|' '{ printf "%-17s %s\n", $$1, $$2 }'

-include $(shell find $(B) -name '*.d' 2>/dev/null)
