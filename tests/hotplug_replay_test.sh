#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# All traces replay; a wrong value of each kind is found: hotplug_replay_test.sh PROGRAM TRACES
set -eu
replay=$1
traces=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$replay" "$traces"/*.gz >"$work/out" || { cat "$work/out"; exit 1; }
[ ! -s "$work/out" ] || { echo 'FAILED: says something though all is equal'; exit 1; }
"$replay" --verbose "$traces"/*.gz >"$work/out"
[ "$(grep -c ': blocks [1-9].* k_page_zones [1-9].* k_pgdat [1-9].* k_sections [1-9].* zones [1-9]' \
    "$work/out")" -ge 91 ] || { echo 'FAILED: a trace of which a part was not compared'; exit 1; }
awk '{ for (i = 2; i < NF; ++i) compared[$i] += $(i + 1) }
     END { exit !(compared["errno"] >= 1086 && compared["plug"] >= 125 &&
                  compared["result"] >= 203 && compared["warning"] >= 20) }' "$work/out" ||
    { echo 'FAILED: fewer answers were compared than there are'; exit 1; }

finds() { # kind, trace, sed command that makes one kind of value wrong
    gunzip -c "$traces/$2.jsonl.gz" >"$work/right"
    sed "$3" "$work/right" >"$work/wrong.jsonl"
    ! cmp -s "$work/right" "$work/wrong.jsonl" || { echo "FAILED: $1: nothing is wrong"; exit 1; }
    status=0
    "$replay" "$work/wrong.jsonl" >"$work/out" 2>&1 || status=$?
    if [ $status != 1 ] || ! head -n 1 "$work/out" | grep -q "^wrong.jsonl t[0-9]*: $1\$"; then
        echo "FAILED: $1: exit status $status"
        cat "$work/out"
        exit 1
    fi
}
dimm=6.1-B01-one-dimm-kernel
finds zones $dimm 's/"Normal",32768,32768,32768,/"Normal",32768,32767,32768,/'
finds zones $dimm 's/"Normal",32768,32768,32768,/"Normal",32768,32768,32767,/'
finds k_pgdat $dimm 's/"start_pfn":1,/"start_pfn":2,/'
finds k_pgdat $dimm 's/\["Normal",1048576,/["Normal",1048577,/'
finds blocks $dimm 's/\[32,32,"online","Normal"/[32,32,"offline","Normal"/'
finds blocks $dimm 's/"offline","Normal Movable"/"offline","Movable Normal"/'
finds k_sections $dimm 's/\[32,32,7,/[32,32,3,/'
finds k_sections 6.1-C08-subsection 's/,19,"0x0/,19,"0x1/'
finds k_page_zones $dimm 's/\[1048576,1081344,0,2,1\]/[1048576,1081344,0,3,1]/'
finds k_page_zones 6.1-C01-nvdimm-modes 's/\[1048576,1310720,0,4,0\]/[1048576,1310208,0,4,0]/'
finds errno $dimm 's/"errno":"EINVAL"/"errno":"ENOENT"/'
finds errno 6.1-M04-remove-misaligned 's/"errno":"KERNEL_BUG"/"errno":"EINVAL"/'
finds errno 6.1-G01-failures 's/"errno":"ENOENT"/"errno":"EINVAL"/'
finds errno 6.1-B09-boot-blocks '/"op":"offline"/s/"errno":"EINVAL"/"errno":"EBUSY"/'
finds errno 6.1-D01-kmem '/"op":"daxctl_devdax"/s/"exit 240"/"exit 234"/'
finds errno 6.1-G03-notifier-injection '/"op":"device_del"/s/"GUEST_REFUSED"/null/'
finds errno $dimm '6s/"block":32/"block":9999999999999999/'
finds plug 6.1-G01-failures 's/"guest_changed":false/"guest_changed":true/'
finds plug 6.1-G04-overlap-pram 's/"guest_changed":false/"guest_changed":true/'
finds plug 6.1-G01-failures 's/add_memory failed/add_memory done/'
finds warning 6.1-R01-resource-primitives 's/nonexistent resource/resource/'
finds result 6.1-M02-memremap-altmap 's/alloc=0x400 align/alloc=0x401 align/'
finds iomem $dimm 's/"0x100000000","0x13fffffff","System RAM"/"0x100000000","0x137ffffff","System RAM"/'
finds iomem 6.1-C01-nvdimm-modes 's/"0x100200000","0x13fffffff","dax0.0"/"0x100200000","0x137ffffff","dax0.0"/'
finds iomem 6.1-M03-add_remove_memory 's/"Soft Reserved"/"Hard Reserved"/'
# flags and kinds: of memory from boot, of a DIMM, of a driver's memory, of its frame
finds iomem $dimm '3s/"0x81000200",0/"0x1000200",0/'
finds iomem $dimm '5,$s/"0x81000200",0\],\["0x200201",0/"0x83000200",0],["0x200201",0/'
finds iomem 6.1-D01-kmem 's/"0x83000200",4/"0x81000200",4/'
finds iomem 6.1-D01-kmem 's/"0x83000200",4/"0x83000200",0/'
finds iomem 6.1-D01-kmem 's/"0x1000200",4/"0x81000200",4/'
finds iomem 6.1-C01-nvdimm-modes 's/"0x200",4/"0x200",5/'
finds iomem 6.1-A-boot-6G-pram-high 's/"0x200",5/"0x80000200",5/'
finds iomem 6.1-H01-virtio-mem 's/"0x87000200",0/"0x83000200",0/'
finds iomem 6.1-H01-virtio-mem 's/"0x9000200",0/"0x1000200",0/'

refuses() { # pattern, arguments
    pattern=$1
    shift
    status=0
    "$replay" "$@" >"$work/out" 2>&1 || status=$?
    if [ $status != 2 ] || ! grep -q "$pattern" "$work/out"; then
        echo "FAILED: $pattern: exit status $status"
        cat "$work/out"
        exit 1
    fi
}
refuses 'TRACE' # is required
refuses 'unknown' --unknown "$traces/$dimm.jsonl.gz"
refuses 'no_such_file:' "$work/no_such_file"
for line in 1 2 5; do
    gunzip -c "$traces/$dimm.jsonl.gz" | sed "${line}s/^/x/" >"$work/malformed.jsonl"
    refuses "malformed.jsonl:$line: " "$work/malformed.jsonl"
done
gunzip -c "$traces/$dimm.jsonl.gz" | sed '3s/"blocks"/"block"/' >"$work/lacking.jsonl"
refuses 'lacking.jsonl:3: ' "$work/lacking.jsonl"
gunzip -c "$traces/$dimm.jsonl.gz" |
    sed '3s/"k_sections":\[\[0,15,/"k_sections":[[0,99999999,/' >"$work/beyond.jsonl"
refuses 'beyond.jsonl:3: a run beyond' "$work/beyond.jsonl"
gunzip -c "$traces/$dimm.jsonl.gz" | head -n 20 >"$work/short.jsonl"
refuses 'short.jsonl:21: ends too early' "$work/short.jsonl"
gunzip -c "$traces/$dimm.jsonl.gz" |
    sed '2s/Linux version [0-9]*[.][0-9]*/Linux version 3.10/' >"$work/old.jsonl"
refuses 'old.jsonl:[0-9]*: a kernel older than 4.3' "$work/old.jsonl"
event=$(gunzip -c "$traces/$dimm.jsonl.gz" | grep -n '"op":"device_del"' | head -n 1 | cut -d: -f1)
gunzip -c "$traces/$dimm.jsonl.gz" | sed "${event}s/\"id\":\"[^\"]*\"/\"id\":\"no such\"/" >"$work/event.jsonl"
refuses "event.jsonl:$event: a DIMM that never came" "$work/event.jsonl"
: >"$work/empty.jsonl"
refuses 'empty.jsonl:' "$work/empty.jsonl"
"$replay" --help | grep -q 'TRACE'
