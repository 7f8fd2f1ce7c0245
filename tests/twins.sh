#!/bin/sh
# SPDX-License-Identifier: MIT
# Every twin is rejected on the small setting, but those whose original does not hold there or that are too small to tell
# apart (proofs/settings/tiny.twins.expect, each with its reason).
cd "$(dirname "$0")/.." || exit 1
"${BUILD:-build/release}/flowproof" check proofs --setting tiny --twins --quiet --reports ''
