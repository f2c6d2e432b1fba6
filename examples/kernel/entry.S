# SPDX-License-Identifier: BSL-1.0

# From the loader's 32 bits to kernel_main() in 64. A loader that finds the PVH note jumps to the
# address in it: protected mode, no paging, %ebx points to the start info.

.set present_writable, 3
.set large_page, 0x83           # 2 MiB, present, writable
.set gigabytes, 128             # of memory that the kernel reaches, each at its own address

.section .note.pvh, "a", @note
        .balign 4
        .long 4, 8, 18          # bytes of the name, bytes of the address, 18: a 32-bit entry
        .asciz "Xen"
        .quad entry

.section .text.entry, "ax"
.code32
        .globl entry
entry:
        cld
        movl $stack_top, %esp
        movl %ebx, %ebp

        movl $directories, %edi
        movl $large_page, %eax
        xorl %edx, %edx         # the upper half of the address
1:      movl %eax, (%edi)
        movl %edx, 4(%edi)
        addl $0x200000, %eax
        adcl $0, %edx
        addl $8, %edi
        cmpl $directories + gigabytes * 0x1000, %edi
        jb 1b

        movl $pointers, %edi
        movl $directories + present_writable, %eax
2:      movl %eax, (%edi)
        addl $0x1000, %eax
        addl $8, %edi
        cmpl $pointers + gigabytes * 8, %edi
        jb 2b
        movl $pointers + present_writable, top

        movl $0x20, %eax        # CR4: PAE
        movl %eax, %cr4
        movl $top, %eax
        movl %eax, %cr3
        movl $0xc0000080, %ecx  # EFER: long mode
        rdmsr
        orl $0x100, %eax
        wrmsr
        movl %cr0, %eax
        orl $0x80000000, %eax   # CR0: paging
        movl %eax, %cr0
        lgdt gdt_pointer
        ljmp $8, $in_long_mode

.code64
in_long_mode:
        movl $16, %eax
        movl %eax, %ds
        movl %eax, %es
        movl %eax, %ss
        movl $stack_top, %esp
        movl %ebp, %edi
        call kernel_main
3:      cli
        hlt
        jmp 3b

.section .rodata
        .balign 8
gdt:    .quad 0
        .quad 0x00209a0000000000 # 8: code of 64 bits
        .quad 0x0000920000000000 # 16: data
gdt_pointer:
        .word . - gdt - 1
        .long gdt

.section .bss
        .balign 0x1000
top:    .skip 0x1000
pointers:
        .skip 0x1000
directories:
        .skip gigabytes * 0x1000
        .skip 0x10000
stack_top:

.section .note.GNU-stack, "", @progbits
