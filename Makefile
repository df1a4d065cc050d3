# The commands that always work, on a fresh Debian machine as on the hundredth run.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := up
.PHONY: up down test soak check bench attack clean debian ready build test-ready image boot \
  bundle bundle-ready test-bundle test-image

# What the product needs of Debian, and what its tests need besides.
# nftables counts packets for root; a plain user has no use for it. npm brings Node where there is none.
DEBIAN := bubblewrap $(if $(filter 0,$(shell id -u)),nftables) $(if $(shell command -v npm),,nodejs npm)
DEBIAN_TEST := chromium e2fsprogs git gnupg iproute2 openssl procps rsyslog rsyslog-gnutls \
  rsyslog-relp swtpm systemd tpm2-tools udev util-linux
# What makes the image and starts it. `make bundle` installs them: `make image` has no network to do so.
DEBIAN_IMAGE := ansible-core dosfstools gdisk iproute2 mmdebstrap mtools openssl ovmf packer \
  qemu-system-x86 qemu-utils swtpm swtpm-tools util-linux zstd
DEBIAN_BUNDLE := gnupg mmdebstrap

# Downloads, tools and keys for tests, by digest; what is here need not be fetched or made again.
CACHE := $(or $(PHYSICLAW_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/physiclaw)
# Whatever is made for a machine bears the date of its source.
SOURCE_DATE := $(or $(SOURCE_DATE_EPOCH),$(shell git log -1 --format=%ct 2>/dev/null),1760000000)

SUITE := node_modules/.bin/node test/suite/main.ts

# Installs by name what is missing; quiet and quick where nothing is.
define debian
	@missing=; for name in $(1); do \
	  dpkg-query -W -f='$${Status}' $$name 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$name"; done; \
	if [ -n "$$missing" ]; then \
	  as=; [ "$$(id -u)" = 0 ] || as=sudo; \
	  command -v $${as:-true} >/dev/null || { echo "missing:$$missing; install them, or run this as root or with sudo" >&2; exit 1; }; \
	  echo "installing$$missing"; \
	  DEBIAN_FRONTEND=noninteractive $$as apt-get update -qq; \
	  DEBIAN_FRONTEND=noninteractive $$as apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
endef

# Says by name what is missing.
define installed
	@missing=; for name in $(1); do \
	  dpkg-query -W -f='$${Status}' $$name 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$name"; done; \
	[ -z "$$missing" ] || { echo "missing:$$missing; apt-get install them, or run make bundle" >&2; exit 1; }
endef

up: build
	@bin/physiclaw up $(if $(PORT),--port $(PORT))

down:
	@if [ -e dist/cli.js ]; then bin/physiclaw down; else echo 'nothing runs: there is no build'; fi

ready: node_modules/.ready

test-ready: ready
	$(call debian,$(DEBIAN_TEST))

debian:
	$(call debian,$(DEBIAN))

# A stack that runs here runs on the Node and the addons that would go.
node_modules/.ready: package.json package-lock.json | debian
	@if [ -e $@ ] && [ -e dist/cli.js ] && (bin/physiclaw --json status 2>/dev/null || :) | grep '"running":true' >/dev/null; then \
	  echo 'the npm packages are to be replaced, and a stack of this clone runs on them; stop it first: make down' >&2; exit 1; fi
	@echo 'installing the npm packages'
	@npm ci --ignore-scripts --loglevel=error --no-fund --no-audit >/dev/null
	@touch $@

# Quiet where it succeeds; where it fails it says all.
build: ready
	@log=$$(npm run --silent build 2>&1) || { echo "$$log" >&2; exit 1; }

check: ready
	@npm run --silent check

test: test-ready build
	@npm run --silent check
	@$(SUITE) test

soak: test-ready build
	@$(SUITE) soak

attack: test-ready build
	@npm run --silent attack

bench: test-ready build
	@npm run --silent bench

bundle-ready: ready
	$(call debian,$(DEBIAN_BUNDLE) $(DEBIAN_IMAGE))

bundle: bundle-ready build
	@node_modules/.bin/node offline-bundle/tools/main.ts offline-bundle/bundle.yaml $(CACHE)
	@bin/physiclaw bundle create --follow-mirror --cache $(CACHE) --date $(SOURCE_DATE)

test-bundle: test-ready bundle
	@PHYSICLAW_CACHE=$(CACHE) npm run --silent test:bundle

# What packer says beside what the steps say.
PACKER_NOISE := -e 's/^[ =>]*null.appliance: //' -e '/^Running /d' -e '/^Build .* finished/d' \
  -e '/^==> Wait completed/d' -e '/^==> Builds finished/d' -e '/^-->/d' -e '/^$$/d'

# From the bundle alone: packer runs where there is no network.
image:
	$(call installed,$(DEBIAN_IMAGE))
	@ls out/bundle/*.bundle >/dev/null 2>&1 || { echo 'there is no bundle; make it: make bundle' >&2; exit 1; }
	@mkdir -p out/image
	@CHECKPOINT_DISABLE=1 unshare -n packer build -color=false -var node=$(CURDIR)/node_modules/.bin/node \
	  -var out=out/image packer/appliance.pkr.hcl 2>&1 | sed -u $(PACKER_NOISE)

# Ends with the terminal.
boot:
	$(call installed,$(DEBIAN_IMAGE))
	@node_modules/.bin/node packer/boot/main.ts

# Makes bundle and image where they are missing or old; what is there takes no step again.
test-image: export IMAGE_LOOK := no
test-image: test-ready bundle image
	@$(SUITE) image

clean: down
	@rm -rf dist out reports coverage node_modules
