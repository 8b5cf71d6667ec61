#!/usr/bin/env bash
# Makes what is handed out: one archive, its checksum. Says no if anything
# does not agree. Needs git, cargo, GNU tar and sha256sum.
set -euo pipefail
cd "$(dirname "$0")"

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
target=$(rustc -vV | sed -n 's/^host: //p')
name=tally-$version-$target
# The time of the last commit, for everything that wants to know a time.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

if [ -n "$(git status --porcelain)" ]; then
    echo "there are changes that are not committed" >&2
    exit 1
fi
cargo test --quiet --locked

# Twice, in two folders, from what is in git and from nothing else.
rm -rf target/release-{a,b}
for folder in target/release-{a,b}; do
    mkdir -p "$folder"
    git archive HEAD . | tar -x -C "$folder"
    (
        cd "$folder"
        cargo build --quiet --release --locked --target-dir out
    )
done
cmp target/release-{a,b}/out/release/tally

out=target/$name
rm -rf "$out" && mkdir -p "$out/completions"
tally=target/release-a/out/release/tally
cp "$tally" README.md CHANGELOG.md LICENSE-MIT "$out"
"$tally" --generate man > "$out/tally.1"
"$tally" --generate bash > "$out/completions/tally"
"$tally" --generate zsh > "$out/completions/_tally"
"$tally" --generate fish > "$out/completions/tally.fish"
(
    cd target
    tar --sort=name --owner=0 --group=0 --numeric-owner \
        --mtime="@$SOURCE_DATE_EPOCH" -c "$name" |
        gzip -9n > "$name.tar.gz"
    sha256sum "$name.tar.gz" | tee "$name.tar.gz.sha256"
)
