// SPDX-License-Identifier: BSL-1.0
#pragma once

// The packing engine, and the typed page word on top of it.

#include <zonal/flags/field.hpp>
#include <zonal/flags/flag_names.hpp>
#include <zonal/flags/layout.hpp>
#include <zonal/flags/page_word.hpp>
#include <zonal/flags/print.hpp>
#include <zonal/flags/remedy.hpp>
#include <zonal/flags/word_field.hpp>
