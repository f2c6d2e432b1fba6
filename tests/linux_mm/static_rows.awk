# SPDX-License-Identifier: BSL-1.0
#
# awk -v layouts=N -v requests=N -v out=FILE -f static_rows.awk layout_V.csv... gfp_V.csv...
#
# Recorded rows as static assertions: of each table about N rows, spread evenly from the first to the last. The
# kernel's version comes from the file's name. What a version does not define is left out, as it is in the table.

BEGIN { FS = "," }

FNR == 1 {
    name = FILENAME
    sub(/.*\//, "", name)
    version = name
    gsub(/^[a-z]+_|\.csv$/, "", version)
    sub(/\./, ", ", version)
    is_layout = name ~ /^layout_/
    for (at in column) delete column[at]
    for (i = 1; i <= NF; ++i) column[$i] = i
    next
}

!is_layout && cell("runtime_agrees") == "0" { next } # the kernel's own expression overflows

{
    text[++lines] = is_layout ? layout_row() : request_row()
    file[lines] = name
    number[lines] = FNR
    layout[lines] = is_layout
    order[lines] = ++rows[name]
}

END {
    print "// Made from the recorded tables; do not edit." > out
    for (i = 1; i <= lines; ++i) {
        wanted = layout[i] ? layouts : requests
        all = rows[file[i]]
        if (int(order[i] * wanted / all) == int((order[i] - 1) * wanted / all)) continue
        printf "static_assert(agrees(%s), \"%s:%d\");\n", text[i], file[i], number[i] > out
        if (layout[i]) ++printed_layouts
        else ++printed_requests
    }
    printf "inline constexpr unsigned layout_rows = %d, request_rows = %d;\n",
        printed_layouts, printed_requests > out
}

function cell(name) { return name in column ? $(column[name]) : "" }

function add(list, part) { return list == "" ? part : list ", " part }

function flag(list, name, cells_name) {
    return cell(cells_name == "" ? name : cells_name) == "1" ? add(list, "." name " = true") : list
}

function number_of(list, name) {
    return cell(name) + 0 != 0 ? add(list, "." name " = " cell(name)) : list
}

function zones(list) {
    list = flag(list, "zone_dma")
    list = flag(list, "zone_dma32")
    list = flag(list, "highmem")
    return flag(list, "zone_device")
}

function has(option) { return index("+" cell("pf_options") "+", "+" option "+") != 0 }

function option(list, name, word) { return has(word) ? add(list, "." name " = true") : list }

# A row's configuration, members in their order of declaration.
function configuration(    list) {
    list = zones(".kernel = {" version "}, .bits_per_long = " cell("bits_per_long"))
    if (!is_layout) return "config{" list "}"
    if (cell("sparsemem") == "1")
        list = add(list, ".memory = memory_model::sparse" (cell("sparsemem_vmemmap") == "1" ? "_vmemmap" : ""))
    list = number_of(list, "max_physmem_bits")
    list = number_of(list, "section_size_bits")
    list = flag(list, "numa")
    list = number_of(list, "nodes_shift")
    list = flag(list, "numa_balancing")
    list = number_of(list, "nr_cpus")
    if (cell("kasan") != "none" && cell("kasan") != "")
        list = add(list, ".kasan = kasan_mode::" cell("kasan"))
    list = flag(list, "lru_gen")
    if (!has("MMU")) list = add(list, ".mmu = false")
    list = option(list, "uncached", "UNCACHED")
    list = option(list, "memory_failure", "MF")
    list = option(list, "thp", "THP")
    list = option(list, "extended", "EXT")
    list = option(list, "idle", "IDLE")
    list = option(list, "arch_2", "ARCH2")
    list = option(list, "arch_3", "ARCH3")
    if (cell("pf_source") == "given") list = add(list, ".given_pageflags = " cell("nr_pageflags"))
    return "config{" list "}"
}

# A field's width and place.
function placed(list, member, name) {
    if (cell(name "_width") == "") return list
    return add(list, "." member " = {" cell(name "_width") ", " cell(name "_pgoff") "}")
}

function refused_for(list, words, why) { return index($0, words) != 0 ? add(list, "refusal::" why) : list }

function refusals(    list) {
    list = refused_for(list, "too many zones", "too_many_zones")
    list = refused_for(list, "Vmemmap:", "node_without_table")
    if (index($0, "Not enough bits") || index($0, "> BITS_PER_LONG"))
        list = add(list, "refusal::not_enough_bits")
    list = refused_for(list, "cc: ", "undefined_name")
    return refused_for(list, "GFP_ZONES_SHIFT too large", "table_too_large")
}

function layout_row(    list) {
    list = refusals()
    if (list != "") return configuration() ", layout_row{.refused = {" list "}}"
    list = placed(list, "section", "sections")
    list = placed(list, "node", "nodes")
    list = placed(list, "zone", "zones")
    list = placed(list, "last_cpupid", "last_cpupid")
    list = placed(list, "kasan_tag", "kasan_tag")
    list = placed(list, "lru_gen", "lru_gen")
    list = placed(list, "lru_refs", "lru_refs")
    list = add(list, ".flags = " cell("nr_pageflags"))
    list = add(list, ".zones = " cell("max_nr_zones"))
    list = flag(list, "node_left_out", "node_not_in_page_flags")
    list = flag(list, "last_cpupid_left_out", "last_cpupid_not_in_page_flags")
    return configuration() ", layout_row{" list "}"
}

function request_row(    list, width) {
    list = refusals()
    if (list != "") return configuration() ", request_row{.refused = {" list "}}"
    width = cell("gfp_zones_shift")
    if (width == "") width = cell("zones_shift")
    list = ".table = " cell("gfp_zone_table") ", .bad = " cell("gfp_zone_bad")
    return configuration() ", request_row{" list ", .entry_bits = " width "}"
}
