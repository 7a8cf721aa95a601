#!/bin/sh
# Puts this package into its place beside the releases before it, makes it the current one, and checks that it starts.
set -eu
target=${1:?usage: deploy.sh <folder>}
here=$(cd "$(dirname "$0")" && pwd)
version=$(node -p "require('$here/package.json').version")
release="$target/releases/$version-$MILLRACE_EXECUTION_NUMBER"

mkdir -p "$target/releases"
rm -rf "$release"
cp -R "$here" "$release"
echo "copied to $release"

PORT=0 node "$release/src/server.js" > "$release/start.log" 2>&1 &
service=$!
trap 'kill $service 2> /dev/null || true' EXIT
for _ in 1 2 3 4 5 6 7 8 9 10; do
  address=$(sed -n 's/.*listens on //p' "$release/start.log")
  [ -n "$address" ] && break
  sleep 0.3
done
[ -n "$address" ] || { echo "the service did not start:"; cat "$release/start.log"; exit 1; }
node -e "
  const health = await (await fetch('$address/health')).json();
  if (health.version !== '$version') throw new Error('expected $version, found ' + health.version);
  console.log('healthy:', JSON.stringify(health));
" --input-type=module

ln -sfn "$release" "$target/current"
printf '\033[32mgreeter %s is live in %s/current\033[0m\n' "$version" "$target"
