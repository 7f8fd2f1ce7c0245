# SPDX-License-Identifier: MIT
# Read by the test scripts in the project's folder: where the build is, as an absolute path, whatever BUILD says.
case ${BUILD:=build/release} in
/*) build=$BUILD ;;
*) build=$PWD/$BUILD ;;
esac
flowproof=$build/flowproof
