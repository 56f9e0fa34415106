/*
 * auctiond_lock.h: layouts of auctiond that must not move.
 * Locked for i386 (ILP32) and x86_64 (LP64).
 *
 * Written by `legacy-port lock`; do not edit it. Include it anywhere in the build:
 * it adds nothing, and a record that moves does not compile any more. What C
 * cannot ask is compared by `legacy-port lock --check`: places of bit-fields,
 * and members that were added where there was padding.
 */
#ifndef AUCTIOND_LOCK_H
#define AUCTIOND_LOCK_H

#include <limits.h>
#include <stddef.h>

#include "auction.h"
#include "net.h"

#if defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define AUCTIOND_LOCK(name, test, text) _Static_assert(test, text)
#define AUCTIOND_LOCK_ALIGN(name, type, align, text) _Static_assert(_Alignof(type) == (align), text)
#else /* an array of -1 elements does not compile; the offset behind a char is the alignment */
#define AUCTIOND_LOCK(name, test, text) typedef char name[(test) ? 1 : -1]
#define AUCTIOND_LOCK_ALIGN(name, type, align, text) \
    struct name##_in { char before; type it; }; \
    typedef char name[offsetof(struct name##_in, it) == (align) ? 1 : -1]
#endif

/* ---- i386 (ILP32) and x86_64 (LP64) ---- */

/*
 * struct feedhdr: 20 bytes, aligned to 4
 *
 *   offset  bytes  member
 *        0      4  magic    char[4]
 *        4      4  count    int32_t
 *        8      4  recsize  int32_t
 *       12      4  when     int32_t
 *       16      4  sum      u32
 */
AUCTIOND_LOCK(auctiond_lock_feedhdr_has_20, sizeof(struct feedhdr) == 20, "struct feedhdr no longer has 20 bytes");
AUCTIOND_LOCK_ALIGN(auctiond_lock_feedhdr_aligned_4, struct feedhdr, 4, "struct feedhdr is no longer aligned to 4");
AUCTIOND_LOCK(auctiond_lock_feedhdr_magic_at_0, offsetof(struct feedhdr, magic) == 0, "struct feedhdr: magic is no longer at 0");
AUCTIOND_LOCK(auctiond_lock_feedhdr_magic_has_4, sizeof(((struct feedhdr *)0)->magic) == 4, "struct feedhdr: magic no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_feedhdr_count_at_4, offsetof(struct feedhdr, count) == 4, "struct feedhdr: count is no longer at 4");
AUCTIOND_LOCK(auctiond_lock_feedhdr_count_has_4, sizeof(((struct feedhdr *)0)->count) == 4, "struct feedhdr: count no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_feedhdr_recsize_at_8, offsetof(struct feedhdr, recsize) == 8, "struct feedhdr: recsize is no longer at 8");
AUCTIOND_LOCK(auctiond_lock_feedhdr_recsize_has_4, sizeof(((struct feedhdr *)0)->recsize) == 4, "struct feedhdr: recsize no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_feedhdr_when_at_12, offsetof(struct feedhdr, when) == 12, "struct feedhdr: when is no longer at 12");
AUCTIOND_LOCK(auctiond_lock_feedhdr_when_has_4, sizeof(((struct feedhdr *)0)->when) == 4, "struct feedhdr: when no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_feedhdr_sum_at_16, offsetof(struct feedhdr, sum) == 16, "struct feedhdr: sum is no longer at 16");
AUCTIOND_LOCK(auctiond_lock_feedhdr_sum_has_4, sizeof(((struct feedhdr *)0)->sum) == 4, "struct feedhdr: sum no longer has 4 bytes");

/*
 * struct filehdr: 36 bytes, aligned to 4
 *
 *   offset  bytes  member
 *        0      4  magic     char[4]
 *        4      4  version   u32
 *        8      4  nrec      int32_t
 *       12      4  recsize   int32_t
 *       16      4  created   int32_t
 *       20      4  updated   int32_t
 *       24      8  turnover  f64
 *       32      4  sum       u32
 */
AUCTIOND_LOCK(auctiond_lock_filehdr_has_36, sizeof(struct filehdr) == 36, "struct filehdr no longer has 36 bytes");
AUCTIOND_LOCK_ALIGN(auctiond_lock_filehdr_aligned_4, struct filehdr, 4, "struct filehdr is no longer aligned to 4");
AUCTIOND_LOCK(auctiond_lock_filehdr_magic_at_0, offsetof(struct filehdr, magic) == 0, "struct filehdr: magic is no longer at 0");
AUCTIOND_LOCK(auctiond_lock_filehdr_magic_has_4, sizeof(((struct filehdr *)0)->magic) == 4, "struct filehdr: magic no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_filehdr_version_at_4, offsetof(struct filehdr, version) == 4, "struct filehdr: version is no longer at 4");
AUCTIOND_LOCK(auctiond_lock_filehdr_version_has_4, sizeof(((struct filehdr *)0)->version) == 4, "struct filehdr: version no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_filehdr_nrec_at_8, offsetof(struct filehdr, nrec) == 8, "struct filehdr: nrec is no longer at 8");
AUCTIOND_LOCK(auctiond_lock_filehdr_nrec_has_4, sizeof(((struct filehdr *)0)->nrec) == 4, "struct filehdr: nrec no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_filehdr_recsize_at_12, offsetof(struct filehdr, recsize) == 12, "struct filehdr: recsize is no longer at 12");
AUCTIOND_LOCK(auctiond_lock_filehdr_recsize_has_4, sizeof(((struct filehdr *)0)->recsize) == 4, "struct filehdr: recsize no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_filehdr_created_at_16, offsetof(struct filehdr, created) == 16, "struct filehdr: created is no longer at 16");
AUCTIOND_LOCK(auctiond_lock_filehdr_created_has_4, sizeof(((struct filehdr *)0)->created) == 4, "struct filehdr: created no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_filehdr_updated_at_20, offsetof(struct filehdr, updated) == 20, "struct filehdr: updated is no longer at 20");
AUCTIOND_LOCK(auctiond_lock_filehdr_updated_has_4, sizeof(((struct filehdr *)0)->updated) == 4, "struct filehdr: updated no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_filehdr_turnover_at_24, offsetof(struct filehdr, turnover) == 24, "struct filehdr: turnover is no longer at 24");
AUCTIOND_LOCK(auctiond_lock_filehdr_turnover_has_8, sizeof(((struct filehdr *)0)->turnover) == 8, "struct filehdr: turnover no longer has 8 bytes");
AUCTIOND_LOCK(auctiond_lock_filehdr_sum_at_32, offsetof(struct filehdr, sum) == 32, "struct filehdr: sum is no longer at 32");
AUCTIOND_LOCK(auctiond_lock_filehdr_sum_has_4, sizeof(((struct filehdr *)0)->sum) == 4, "struct filehdr: sum no longer has 4 bytes");

/*
 * struct idxhdr: 16 bytes, aligned to 4
 *
 *   offset  bytes  member
 *        0      4  magic   char[4]
 *        4      4  nslots  u32
 *        8      4  nused   u32
 *       12      4  spare   u32
 */
AUCTIOND_LOCK(auctiond_lock_idxhdr_has_16, sizeof(struct idxhdr) == 16, "struct idxhdr no longer has 16 bytes");
AUCTIOND_LOCK_ALIGN(auctiond_lock_idxhdr_aligned_4, struct idxhdr, 4, "struct idxhdr is no longer aligned to 4");
AUCTIOND_LOCK(auctiond_lock_idxhdr_magic_at_0, offsetof(struct idxhdr, magic) == 0, "struct idxhdr: magic is no longer at 0");
AUCTIOND_LOCK(auctiond_lock_idxhdr_magic_has_4, sizeof(((struct idxhdr *)0)->magic) == 4, "struct idxhdr: magic no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_idxhdr_nslots_at_4, offsetof(struct idxhdr, nslots) == 4, "struct idxhdr: nslots is no longer at 4");
AUCTIOND_LOCK(auctiond_lock_idxhdr_nslots_has_4, sizeof(((struct idxhdr *)0)->nslots) == 4, "struct idxhdr: nslots no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_idxhdr_nused_at_8, offsetof(struct idxhdr, nused) == 8, "struct idxhdr: nused is no longer at 8");
AUCTIOND_LOCK(auctiond_lock_idxhdr_nused_has_4, sizeof(((struct idxhdr *)0)->nused) == 4, "struct idxhdr: nused no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_idxhdr_spare_at_12, offsetof(struct idxhdr, spare) == 12, "struct idxhdr: spare is no longer at 12");
AUCTIOND_LOCK(auctiond_lock_idxhdr_spare_has_4, sizeof(((struct idxhdr *)0)->spare) == 4, "struct idxhdr: spare no longer has 4 bytes");

/*
 * struct idxslot: 8 bytes, aligned to 4
 *
 *   offset  bytes  member
 *        0      4  hash  u32
 *        4      4  off   int32_t
 */
AUCTIOND_LOCK(auctiond_lock_idxslot_has_8, sizeof(struct idxslot) == 8, "struct idxslot no longer has 8 bytes");
AUCTIOND_LOCK_ALIGN(auctiond_lock_idxslot_aligned_4, struct idxslot, 4, "struct idxslot is no longer aligned to 4");
AUCTIOND_LOCK(auctiond_lock_idxslot_hash_at_0, offsetof(struct idxslot, hash) == 0, "struct idxslot: hash is no longer at 0");
AUCTIOND_LOCK(auctiond_lock_idxslot_hash_has_4, sizeof(((struct idxslot *)0)->hash) == 4, "struct idxslot: hash no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_idxslot_off_at_4, offsetof(struct idxslot, off) == 4, "struct idxslot: off is no longer at 4");
AUCTIOND_LOCK(auctiond_lock_idxslot_off_has_4, sizeof(((struct idxslot *)0)->off) == 4, "struct idxslot: off no longer has 4 bytes");

/*
 * struct jrec: 20 bytes, aligned to 4
 *
 *   offset  bytes  member
 *        0      4  magic  u32
 *        4      4  when   int32_t
 *        8      4  seq    int32_t
 *       12      4  len    int32_t
 *       16      4  sum    u32
 */
AUCTIOND_LOCK(auctiond_lock_jrec_has_20, sizeof(struct jrec) == 20, "struct jrec no longer has 20 bytes");
AUCTIOND_LOCK_ALIGN(auctiond_lock_jrec_aligned_4, struct jrec, 4, "struct jrec is no longer aligned to 4");
AUCTIOND_LOCK(auctiond_lock_jrec_magic_at_0, offsetof(struct jrec, magic) == 0, "struct jrec: magic is no longer at 0");
AUCTIOND_LOCK(auctiond_lock_jrec_magic_has_4, sizeof(((struct jrec *)0)->magic) == 4, "struct jrec: magic no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_jrec_when_at_4, offsetof(struct jrec, when) == 4, "struct jrec: when is no longer at 4");
AUCTIOND_LOCK(auctiond_lock_jrec_when_has_4, sizeof(((struct jrec *)0)->when) == 4, "struct jrec: when no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_jrec_seq_at_8, offsetof(struct jrec, seq) == 8, "struct jrec: seq is no longer at 8");
AUCTIOND_LOCK(auctiond_lock_jrec_seq_has_4, sizeof(((struct jrec *)0)->seq) == 4, "struct jrec: seq no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_jrec_len_at_12, offsetof(struct jrec, len) == 12, "struct jrec: len is no longer at 12");
AUCTIOND_LOCK(auctiond_lock_jrec_len_has_4, sizeof(((struct jrec *)0)->len) == 4, "struct jrec: len no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_jrec_sum_at_16, offsetof(struct jrec, sum) == 16, "struct jrec: sum is no longer at 16");
AUCTIOND_LOCK(auctiond_lock_jrec_sum_has_4, sizeof(((struct jrec *)0)->sum) == 4, "struct jrec: sum no longer has 4 bytes");

/*
 * struct sale: 104 bytes, aligned to 4
 *
 *   offset  bytes  member
 *        0      4  id        int32_t
 *        4      8  price     f64
 *       12      4  closed    int32_t
 *       16      4  next      int32_t
 *     20:0    :10  category  u32
 *     21:2     :3  state     u32
 *     21:5    :12  nbids     u32
 *     23:1     :7  flags     u32
 *       24     20  item      char[20]
 *       44     44  title     char[44]
 *       88     16  seller    char[16]
 */
AUCTIOND_LOCK(auctiond_lock_sale_has_104, sizeof(struct sale) == 104, "struct sale no longer has 104 bytes");
AUCTIOND_LOCK_ALIGN(auctiond_lock_sale_aligned_4, struct sale, 4, "struct sale is no longer aligned to 4");
AUCTIOND_LOCK(auctiond_lock_sale_id_at_0, offsetof(struct sale, id) == 0, "struct sale: id is no longer at 0");
AUCTIOND_LOCK(auctiond_lock_sale_id_has_4, sizeof(((struct sale *)0)->id) == 4, "struct sale: id no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_sale_price_at_4, offsetof(struct sale, price) == 4, "struct sale: price is no longer at 4");
AUCTIOND_LOCK(auctiond_lock_sale_price_has_8, sizeof(((struct sale *)0)->price) == 8, "struct sale: price no longer has 8 bytes");
AUCTIOND_LOCK(auctiond_lock_sale_closed_at_12, offsetof(struct sale, closed) == 12, "struct sale: closed is no longer at 12");
AUCTIOND_LOCK(auctiond_lock_sale_closed_has_4, sizeof(((struct sale *)0)->closed) == 4, "struct sale: closed no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_sale_next_at_16, offsetof(struct sale, next) == 16, "struct sale: next is no longer at 16");
AUCTIOND_LOCK(auctiond_lock_sale_next_has_4, sizeof(((struct sale *)0)->next) == 4, "struct sale: next no longer has 4 bytes");
AUCTIOND_LOCK(auctiond_lock_sale_item_at_24, offsetof(struct sale, item) == 24, "struct sale: item is no longer at 24");
AUCTIOND_LOCK(auctiond_lock_sale_item_has_20, sizeof(((struct sale *)0)->item) == 20, "struct sale: item no longer has 20 bytes");
AUCTIOND_LOCK(auctiond_lock_sale_title_at_44, offsetof(struct sale, title) == 44, "struct sale: title is no longer at 44");
AUCTIOND_LOCK(auctiond_lock_sale_title_has_44, sizeof(((struct sale *)0)->title) == 44, "struct sale: title no longer has 44 bytes");
AUCTIOND_LOCK(auctiond_lock_sale_seller_at_88, offsetof(struct sale, seller) == 88, "struct sale: seller is no longer at 88");
AUCTIOND_LOCK(auctiond_lock_sale_seller_has_16, sizeof(((struct sale *)0)->seller) == 16, "struct sale: seller no longer has 16 bytes");

#undef AUCTIOND_LOCK
#undef AUCTIOND_LOCK_ALIGN

#endif
