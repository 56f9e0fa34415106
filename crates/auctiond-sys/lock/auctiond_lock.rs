//! Layouts of auctiond that must not move, as Rust takes them over. Locked for i386 (ILP32) and x86_64 (LP64).
//!
//! Written by `legacy-port lock`, the types by bindgen; do not edit it. Put it into a crate as a module (`mod auctiond_lock;`)
//! with Rust 1.77 or newer: a type that does not have the locked layout does not compile.
#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(dead_code, missing_docs, non_camel_case_types, non_snake_case, non_upper_case_globals, unreachable_pub)]
#![allow(clippy::all, clippy::pedantic)]
#![allow(unsafe_code, unsafe_op_in_unsafe_fn)] // how bindgen reads and writes bit-fields

#[repr(C)]
#[derive(Copy, Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct __BindgenBitfieldUnit<Storage> {
    storage: Storage,
}
impl<Storage> __BindgenBitfieldUnit<Storage> {
    #[inline]
    pub const fn new(storage: Storage) -> Self {
        Self { storage }
    }
}
impl<Storage> __BindgenBitfieldUnit<Storage>
where
    Storage: AsRef<[u8]> + AsMut<[u8]>,
{
    #[inline]
    fn extract_bit(byte: u8, index: usize) -> bool {
        let bit_index = if cfg!(target_endian = "big") {
            7 - (index % 8)
        } else {
            index % 8
        };
        let mask = 1 << bit_index;
        byte & mask == mask
    }
    #[inline]
    pub fn get_bit(&self, index: usize) -> bool {
        debug_assert!(index / 8 < self.storage.as_ref().len());
        let byte_index = index / 8;
        let byte = self.storage.as_ref()[byte_index];
        Self::extract_bit(byte, index)
    }
    #[inline]
    pub unsafe fn raw_get_bit(this: *const Self, index: usize) -> bool {
        debug_assert!(index / 8 < core::mem::size_of::< Storage > ());
        let byte_index = index / 8;
        let byte = unsafe {
            *(core::ptr::addr_of!((* this).storage) as *const u8)
                .offset(byte_index as isize)
        };
        Self::extract_bit(byte, index)
    }
    #[inline]
    fn change_bit(byte: u8, index: usize, val: bool) -> u8 {
        let bit_index = if cfg!(target_endian = "big") {
            7 - (index % 8)
        } else {
            index % 8
        };
        let mask = 1 << bit_index;
        if val { byte | mask } else { byte & !mask }
    }
    #[inline]
    pub fn set_bit(&mut self, index: usize, val: bool) {
        debug_assert!(index / 8 < self.storage.as_ref().len());
        let byte_index = index / 8;
        let byte = &mut self.storage.as_mut()[byte_index];
        *byte = Self::change_bit(*byte, index, val);
    }
    #[inline]
    pub unsafe fn raw_set_bit(this: *mut Self, index: usize, val: bool) {
        debug_assert!(index / 8 < core::mem::size_of::< Storage > ());
        let byte_index = index / 8;
        let byte = unsafe {
            (core::ptr::addr_of_mut!((* this).storage) as *mut u8)
                .offset(byte_index as isize)
        };
        unsafe { *byte = Self::change_bit(*byte, index, val) };
    }
    #[inline]
    pub fn get(&self, bit_offset: usize, bit_width: u8) -> u64 {
        debug_assert!(bit_width <= 64);
        debug_assert!(bit_offset / 8 < self.storage.as_ref().len());
        debug_assert!(
            (bit_offset + (bit_width as usize) + 7) / 8 <= self.storage.as_ref().len()
        );
        if bit_width == 0 {
            return 0;
        }
        let mut val = 0u64;
        let storage = self.storage.as_ref();
        let start_byte = bit_offset / 8;
        let bit_shift = bit_offset % 8;
        let bytes_needed = (bit_width as usize + bit_shift + 7) / 8;
        if cfg!(target_endian = "big") {
            for i in 0..bytes_needed {
                val |= (storage[start_byte + i].reverse_bits() as u64) << (i * 8);
            }
        } else {
            for i in 0..bytes_needed {
                val |= (storage[start_byte + i] as u64) << (i * 8);
            }
        }
        val >>= bit_shift;
        if bit_width < 64 {
            val &= (1u64 << bit_width) - 1;
        }
        if cfg!(target_endian = "big") {
            val = val.reverse_bits() >> (64 - bit_width as usize);
        }
        val
    }
    #[inline]
    pub unsafe fn raw_get(this: *const Self, bit_offset: usize, bit_width: u8) -> u64 {
        debug_assert!(bit_width <= 64);
        debug_assert!(bit_offset / 8 < core::mem::size_of::< Storage > ());
        debug_assert!(
            (bit_offset + (bit_width as usize) + 7) / 8 <= core::mem::size_of::< Storage
            > ()
        );
        if bit_width == 0 {
            return 0;
        }
        let mut val = 0u64;
        let start_byte = bit_offset / 8;
        let bit_shift = bit_offset % 8;
        let bytes_needed = (bit_width as usize + bit_shift + 7) / 8;
        let storage_ptr = unsafe { core::ptr::addr_of!((* this).storage) as *const u8 };
        if cfg!(target_endian = "big") {
            for i in 0..bytes_needed {
                let byte = unsafe { *storage_ptr.add(start_byte + i) };
                val |= (byte.reverse_bits() as u64) << (i * 8);
            }
        } else {
            for i in 0..bytes_needed {
                let byte = unsafe { *storage_ptr.add(start_byte + i) };
                val |= (byte as u64) << (i * 8);
            }
        }
        val >>= bit_shift;
        if bit_width < 64 {
            val &= (1u64 << bit_width) - 1;
        }
        if cfg!(target_endian = "big") {
            val = val.reverse_bits() >> (64 - bit_width as usize);
        }
        val
    }
    #[inline]
    pub fn set(&mut self, bit_offset: usize, bit_width: u8, val: u64) {
        debug_assert!(bit_width <= 64);
        debug_assert!(bit_offset / 8 < self.storage.as_ref().len());
        debug_assert!(
            (bit_offset + (bit_width as usize) + 7) / 8 <= self.storage.as_ref().len()
        );
        if bit_width == 0 {
            return;
        }
        let mut val = val;
        if bit_width < 64 {
            val &= (1u64 << bit_width) - 1;
        }
        if cfg!(target_endian = "big") {
            val = val.reverse_bits() >> (64 - bit_width as usize);
        }
        let storage = self.storage.as_mut();
        let start_byte = bit_offset / 8;
        let bit_shift = bit_offset % 8;
        let bytes_needed = (bit_width as usize + bit_shift + 7) / 8;
        val <<= bit_shift;
        let field_mask = if bit_width as usize + bit_shift >= 64 {
            !0u64 << bit_shift
        } else {
            ((1u64 << bit_width) - 1) << bit_shift
        };
        for i in 0..bytes_needed {
            let byte_val = (val >> (i * 8)) as u8;
            let byte_mask = (field_mask >> (i * 8)) as u8;
            if cfg!(target_endian = "big") {
                let byte = storage[start_byte + i].reverse_bits();
                let new_byte = (byte & !byte_mask) | (byte_val & byte_mask);
                storage[start_byte + i] = new_byte.reverse_bits();
            } else {
                storage[start_byte + i] = (storage[start_byte + i] & !byte_mask)
                    | (byte_val & byte_mask);
            }
        }
    }
    #[inline]
    pub unsafe fn raw_set(this: *mut Self, bit_offset: usize, bit_width: u8, val: u64) {
        debug_assert!(bit_width <= 64);
        debug_assert!(bit_offset / 8 < core::mem::size_of::< Storage > ());
        debug_assert!(
            (bit_offset + (bit_width as usize) + 7) / 8 <= core::mem::size_of::< Storage
            > ()
        );
        if bit_width == 0 {
            return;
        }
        let mut val = val;
        if bit_width < 64 {
            val &= (1u64 << bit_width) - 1;
        }
        if cfg!(target_endian = "big") {
            val = val.reverse_bits() >> (64 - bit_width as usize);
        }
        let start_byte = bit_offset / 8;
        let bit_shift = bit_offset % 8;
        let bytes_needed = (bit_width as usize + bit_shift + 7) / 8;
        val <<= bit_shift;
        let field_mask = if bit_width as usize + bit_shift >= 64 {
            !0u64 << bit_shift
        } else {
            ((1u64 << bit_width) - 1) << bit_shift
        };
        let storage_ptr = unsafe {
            core::ptr::addr_of_mut!((* this).storage) as *mut u8
        };
        for i in 0..bytes_needed {
            let byte_val = (val >> (i * 8)) as u8;
            let byte_mask = (field_mask >> (i * 8)) as u8;
            let byte_ptr = unsafe { storage_ptr.add(start_byte + i) };
            if cfg!(target_endian = "big") {
                let byte = unsafe { (*byte_ptr).reverse_bits() };
                let new_byte = (byte & !byte_mask) | (byte_val & byte_mask);
                unsafe { *byte_ptr = new_byte.reverse_bits() };
            } else {
                unsafe { *byte_ptr = (*byte_ptr & !byte_mask) | (byte_val & byte_mask) };
            }
        }
    }
}
/// Const-generic methods for efficient bitfield access when offset and width
/// are known at compile time.
impl<const N: usize> __BindgenBitfieldUnit<[u8; N]> {
    /// Get a field using const generics for compile-time optimization.
    /// Uses native word size operations when the field fits in usize.
    #[inline]
    pub const fn get_const<const BIT_OFFSET: usize, const BIT_WIDTH: u8>(&self) -> u64 {
        debug_assert!(BIT_WIDTH <= 64);
        debug_assert!(BIT_OFFSET / 8 < N);
        debug_assert!((BIT_OFFSET + (BIT_WIDTH as usize) + 7) / 8 <= N);
        if BIT_WIDTH == 0 {
            return 0;
        }
        let start_byte = BIT_OFFSET / 8;
        let bit_shift = BIT_OFFSET % 8;
        let bytes_needed = (BIT_WIDTH as usize + bit_shift + 7) / 8;
        if BIT_WIDTH as usize + bit_shift <= usize::BITS as usize {
            let mut val = 0usize;
            if cfg!(target_endian = "big") {
                let mut i = 0;
                while i < bytes_needed {
                    val
                        |= (self.storage[start_byte + i].reverse_bits() as usize)
                            << (i * 8);
                    i += 1;
                }
            } else {
                let mut i = 0;
                while i < bytes_needed {
                    val |= (self.storage[start_byte + i] as usize) << (i * 8);
                    i += 1;
                }
            }
            val >>= bit_shift;
            if (BIT_WIDTH as u32) < usize::BITS {
                val &= (1usize << BIT_WIDTH) - 1;
            }
            if cfg!(target_endian = "big") {
                val = val.reverse_bits() >> (usize::BITS as usize - BIT_WIDTH as usize);
            }
            val as u64
        } else {
            let mut val = 0u64;
            if cfg!(target_endian = "big") {
                let mut i = 0;
                while i < bytes_needed {
                    val
                        |= (self.storage[start_byte + i].reverse_bits() as u64)
                            << (i * 8);
                    i += 1;
                }
            } else {
                let mut i = 0;
                while i < bytes_needed {
                    val |= (self.storage[start_byte + i] as u64) << (i * 8);
                    i += 1;
                }
            }
            val >>= bit_shift;
            if BIT_WIDTH < 64 {
                val &= (1u64 << BIT_WIDTH) - 1;
            }
            if cfg!(target_endian = "big") {
                val = val.reverse_bits() >> (64 - BIT_WIDTH as usize);
            }
            val
        }
    }
    /// Set a field using const generics for compile-time optimization.
    /// Uses native word size operations when the field fits in usize.
    #[inline]
    pub fn set_const<const BIT_OFFSET: usize, const BIT_WIDTH: u8>(&mut self, val: u64) {
        debug_assert!(BIT_WIDTH <= 64);
        debug_assert!(BIT_OFFSET / 8 < N);
        debug_assert!((BIT_OFFSET + (BIT_WIDTH as usize) + 7) / 8 <= N);
        if BIT_WIDTH == 0 {
            return;
        }
        let start_byte = BIT_OFFSET / 8;
        let bit_shift = BIT_OFFSET % 8;
        let bytes_needed = (BIT_WIDTH as usize + bit_shift + 7) / 8;
        if BIT_WIDTH as usize + bit_shift <= usize::BITS as usize {
            let mut val = val as usize;
            if (BIT_WIDTH as u32) < usize::BITS {
                val &= (1usize << BIT_WIDTH) - 1;
            }
            if cfg!(target_endian = "big") {
                val = val.reverse_bits() >> (usize::BITS as usize - BIT_WIDTH as usize);
            }
            val <<= bit_shift;
            let field_mask = if BIT_WIDTH as usize + bit_shift >= usize::BITS as usize {
                !0usize << bit_shift
            } else {
                ((1usize << BIT_WIDTH) - 1) << bit_shift
            };
            let mut i = 0;
            while i < bytes_needed {
                let byte_val = (val >> (i * 8)) as u8;
                let byte_mask = (field_mask >> (i * 8)) as u8;
                if cfg!(target_endian = "big") {
                    let byte = self.storage[start_byte + i].reverse_bits();
                    let new_byte = (byte & !byte_mask) | (byte_val & byte_mask);
                    self.storage[start_byte + i] = new_byte.reverse_bits();
                } else {
                    self.storage[start_byte + i] = (self.storage[start_byte + i]
                        & !byte_mask) | (byte_val & byte_mask);
                }
                i += 1;
            }
        } else {
            let mut val = val;
            if BIT_WIDTH < 64 {
                val &= (1u64 << BIT_WIDTH) - 1;
            }
            if cfg!(target_endian = "big") {
                val = val.reverse_bits() >> (64 - BIT_WIDTH as usize);
            }
            val <<= bit_shift;
            let field_mask = if BIT_WIDTH as usize + bit_shift >= 64 {
                !0u64 << bit_shift
            } else {
                ((1u64 << BIT_WIDTH) - 1) << bit_shift
            };
            let mut i = 0;
            while i < bytes_needed {
                let byte_val = (val >> (i * 8)) as u8;
                let byte_mask = (field_mask >> (i * 8)) as u8;
                if cfg!(target_endian = "big") {
                    let byte = self.storage[start_byte + i].reverse_bits();
                    let new_byte = (byte & !byte_mask) | (byte_val & byte_mask);
                    self.storage[start_byte + i] = new_byte.reverse_bits();
                } else {
                    self.storage[start_byte + i] = (self.storage[start_byte + i]
                        & !byte_mask) | (byte_val & byte_mask);
                }
                i += 1;
            }
        }
    }
    /// Raw pointer get using const generics for compile-time optimization.
    /// Uses native word size operations when the field fits in usize.
    #[inline]
    pub const unsafe fn raw_get_const<const BIT_OFFSET: usize, const BIT_WIDTH: u8>(
        this: *const Self,
    ) -> u64 {
        debug_assert!(BIT_WIDTH <= 64);
        debug_assert!(BIT_OFFSET / 8 < N);
        debug_assert!((BIT_OFFSET + (BIT_WIDTH as usize) + 7) / 8 <= N);
        if BIT_WIDTH == 0 {
            return 0;
        }
        let start_byte = BIT_OFFSET / 8;
        let bit_shift = BIT_OFFSET % 8;
        let bytes_needed = (BIT_WIDTH as usize + bit_shift + 7) / 8;
        let storage_ptr = unsafe { core::ptr::addr_of!((* this).storage) as *const u8 };
        if BIT_WIDTH as usize + bit_shift <= usize::BITS as usize {
            let mut val = 0usize;
            if cfg!(target_endian = "big") {
                let mut i = 0;
                while i < bytes_needed {
                    let byte = unsafe { *storage_ptr.add(start_byte + i) };
                    val |= (byte.reverse_bits() as usize) << (i * 8);
                    i += 1;
                }
            } else {
                let mut i = 0;
                while i < bytes_needed {
                    let byte = unsafe { *storage_ptr.add(start_byte + i) };
                    val |= (byte as usize) << (i * 8);
                    i += 1;
                }
            }
            val >>= bit_shift;
            if (BIT_WIDTH as u32) < usize::BITS {
                val &= (1usize << BIT_WIDTH) - 1;
            }
            if cfg!(target_endian = "big") {
                val = val.reverse_bits() >> (usize::BITS as usize - BIT_WIDTH as usize);
            }
            val as u64
        } else {
            let mut val = 0u64;
            if cfg!(target_endian = "big") {
                let mut i = 0;
                while i < bytes_needed {
                    let byte = unsafe { *storage_ptr.add(start_byte + i) };
                    val |= (byte.reverse_bits() as u64) << (i * 8);
                    i += 1;
                }
            } else {
                let mut i = 0;
                while i < bytes_needed {
                    let byte = unsafe { *storage_ptr.add(start_byte + i) };
                    val |= (byte as u64) << (i * 8);
                    i += 1;
                }
            }
            val >>= bit_shift;
            if BIT_WIDTH < 64 {
                val &= (1u64 << BIT_WIDTH) - 1;
            }
            if cfg!(target_endian = "big") {
                val = val.reverse_bits() >> (64 - BIT_WIDTH as usize);
            }
            val
        }
    }
    /// Raw pointer set using const generics for compile-time optimization.
    /// Uses native word size operations when the field fits in usize.
    #[inline]
    pub unsafe fn raw_set_const<const BIT_OFFSET: usize, const BIT_WIDTH: u8>(
        this: *mut Self,
        val: u64,
    ) {
        debug_assert!(BIT_WIDTH <= 64);
        debug_assert!(BIT_OFFSET / 8 < N);
        debug_assert!((BIT_OFFSET + (BIT_WIDTH as usize) + 7) / 8 <= N);
        if BIT_WIDTH == 0 {
            return;
        }
        let start_byte = BIT_OFFSET / 8;
        let bit_shift = BIT_OFFSET % 8;
        let bytes_needed = (BIT_WIDTH as usize + bit_shift + 7) / 8;
        let storage_ptr = this.cast::<[u8; N]>().cast::<u8>();
        if BIT_WIDTH as usize + bit_shift <= usize::BITS as usize {
            let mut val = val as usize;
            if (BIT_WIDTH as u32) < usize::BITS {
                val &= (1usize << BIT_WIDTH) - 1;
            }
            if cfg!(target_endian = "big") {
                val = val.reverse_bits() >> (usize::BITS as usize - BIT_WIDTH as usize);
            }
            val <<= bit_shift;
            let field_mask = if BIT_WIDTH as usize + bit_shift >= usize::BITS as usize {
                !0usize << bit_shift
            } else {
                ((1usize << BIT_WIDTH) - 1) << bit_shift
            };
            let mut i = 0;
            while i < bytes_needed {
                let byte_val = (val >> (i * 8)) as u8;
                let byte_mask = (field_mask >> (i * 8)) as u8;
                let byte_ptr = unsafe { storage_ptr.add(start_byte + i) };
                if cfg!(target_endian = "big") {
                    let byte = unsafe { (*byte_ptr).reverse_bits() };
                    let new_byte = (byte & !byte_mask) | (byte_val & byte_mask);
                    unsafe { *byte_ptr = new_byte.reverse_bits() };
                } else {
                    unsafe {
                        *byte_ptr = (*byte_ptr & !byte_mask) | (byte_val & byte_mask)
                    };
                }
                i += 1;
            }
        } else {
            let mut val = val;
            if BIT_WIDTH < 64 {
                val &= (1u64 << BIT_WIDTH) - 1;
            }
            if cfg!(target_endian = "big") {
                val = val.reverse_bits() >> (64 - BIT_WIDTH as usize);
            }
            val <<= bit_shift;
            let field_mask = if BIT_WIDTH as usize + bit_shift >= 64 {
                !0u64 << bit_shift
            } else {
                ((1u64 << BIT_WIDTH) - 1) << bit_shift
            };
            let mut i = 0;
            while i < bytes_needed {
                let byte_val = (val >> (i * 8)) as u8;
                let byte_mask = (field_mask >> (i * 8)) as u8;
                let byte_ptr = unsafe { storage_ptr.add(start_byte + i) };
                if cfg!(target_endian = "big") {
                    let byte = unsafe { (*byte_ptr).reverse_bits() };
                    let new_byte = (byte & !byte_mask) | (byte_val & byte_mask);
                    unsafe { *byte_ptr = new_byte.reverse_bits() };
                } else {
                    unsafe {
                        *byte_ptr = (*byte_ptr & !byte_mask) | (byte_val & byte_mask)
                    };
                }
                i += 1;
            }
        }
    }
}
pub type u32_ = u32;
pub type f64_ = f64;
impl sale {
    #[inline]
    #[allow(unnecessary_transmutes)]
    pub fn category(&self) -> u32_ {
        unsafe {
            ::core::mem::transmute(self._bitfield_1.get_const::<0usize, 10u8>() as u32)
        }
    }
    #[inline]
    #[allow(unnecessary_transmutes)]
    pub fn set_category(&mut self, val: u32_) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            self._bitfield_1.set_const::<0usize, 10u8>(val as u64)
        }
    }
    #[inline]
    #[allow(unnecessary_transmutes)]
    pub unsafe fn category_raw(this: *const Self) -> u32_ {
        unsafe {
            ::core::mem::transmute(
                <__BindgenBitfieldUnit<
                    [u8; 4usize],
                >>::raw_get_const::<
                    0usize,
                    10u8,
                >(::core::ptr::addr_of!((* this)._bitfield_1)) as u32,
            )
        }
    }
    #[inline]
    #[allow(unnecessary_transmutes)]
    pub unsafe fn set_category_raw(this: *mut Self, val: u32_) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            <__BindgenBitfieldUnit<
                [u8; 4usize],
            >>::raw_set_const::<
                0usize,
                10u8,
            >(::core::ptr::addr_of_mut!((* this)._bitfield_1), val as u64)
        }
    }
    #[inline]
    #[allow(unnecessary_transmutes)]
    pub fn state(&self) -> u32_ {
        unsafe {
            ::core::mem::transmute(self._bitfield_1.get_const::<10usize, 3u8>() as u32)
        }
    }
    #[inline]
    #[allow(unnecessary_transmutes)]
    pub fn set_state(&mut self, val: u32_) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            self._bitfield_1.set_const::<10usize, 3u8>(val as u64)
        }
    }
    #[inline]
    #[allow(unnecessary_transmutes)]
    pub unsafe fn state_raw(this: *const Self) -> u32_ {
        unsafe {
            ::core::mem::transmute(
                <__BindgenBitfieldUnit<
                    [u8; 4usize],
                >>::raw_get_const::<
                    10usize,
                    3u8,
                >(::core::ptr::addr_of!((* this)._bitfield_1)) as u32,
            )
        }
    }
    #[inline]
    #[allow(unnecessary_transmutes)]
    pub unsafe fn set_state_raw(this: *mut Self, val: u32_) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            <__BindgenBitfieldUnit<
                [u8; 4usize],
            >>::raw_set_const::<
                10usize,
                3u8,
            >(::core::ptr::addr_of_mut!((* this)._bitfield_1), val as u64)
        }
    }
    #[inline]
    #[allow(unnecessary_transmutes)]
    pub fn nbids(&self) -> u32_ {
        unsafe {
            ::core::mem::transmute(self._bitfield_1.get_const::<13usize, 12u8>() as u32)
        }
    }
    #[inline]
    #[allow(unnecessary_transmutes)]
    pub fn set_nbids(&mut self, val: u32_) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            self._bitfield_1.set_const::<13usize, 12u8>(val as u64)
        }
    }
    #[inline]
    #[allow(unnecessary_transmutes)]
    pub unsafe fn nbids_raw(this: *const Self) -> u32_ {
        unsafe {
            ::core::mem::transmute(
                <__BindgenBitfieldUnit<
                    [u8; 4usize],
                >>::raw_get_const::<
                    13usize,
                    12u8,
                >(::core::ptr::addr_of!((* this)._bitfield_1)) as u32,
            )
        }
    }
    #[inline]
    #[allow(unnecessary_transmutes)]
    pub unsafe fn set_nbids_raw(this: *mut Self, val: u32_) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            <__BindgenBitfieldUnit<
                [u8; 4usize],
            >>::raw_set_const::<
                13usize,
                12u8,
            >(::core::ptr::addr_of_mut!((* this)._bitfield_1), val as u64)
        }
    }
    #[inline]
    #[allow(unnecessary_transmutes)]
    pub fn flags(&self) -> u32_ {
        unsafe {
            ::core::mem::transmute(self._bitfield_1.get_const::<25usize, 7u8>() as u32)
        }
    }
    #[inline]
    #[allow(unnecessary_transmutes)]
    pub fn set_flags(&mut self, val: u32_) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            self._bitfield_1.set_const::<25usize, 7u8>(val as u64)
        }
    }
    #[inline]
    #[allow(unnecessary_transmutes)]
    pub unsafe fn flags_raw(this: *const Self) -> u32_ {
        unsafe {
            ::core::mem::transmute(
                <__BindgenBitfieldUnit<
                    [u8; 4usize],
                >>::raw_get_const::<
                    25usize,
                    7u8,
                >(::core::ptr::addr_of!((* this)._bitfield_1)) as u32,
            )
        }
    }
    #[inline]
    #[allow(unnecessary_transmutes)]
    pub unsafe fn set_flags_raw(this: *mut Self, val: u32_) {
        unsafe {
            let val: u32 = ::core::mem::transmute(val);
            <__BindgenBitfieldUnit<
                [u8; 4usize],
            >>::raw_set_const::<
                25usize,
                7u8,
            >(::core::ptr::addr_of_mut!((* this)._bitfield_1), val as u64)
        }
    }
    #[inline]
    #[allow(unnecessary_transmutes)]
    pub fn new_bitfield_1(
        category: u32_,
        state: u32_,
        nbids: u32_,
        flags: u32_,
    ) -> __BindgenBitfieldUnit<[u8; 4usize]> {
        let mut __bindgen_bitfield_unit: __BindgenBitfieldUnit<[u8; 4usize]> = Default::default();
        __bindgen_bitfield_unit
            .set_const::<
                0usize,
                10u8,
            >({
                let category: u32 = unsafe { ::core::mem::transmute(category) };
                category as u64
            });
        __bindgen_bitfield_unit
            .set_const::<
                10usize,
                3u8,
            >({
                let state: u32 = unsafe { ::core::mem::transmute(state) };
                state as u64
            });
        __bindgen_bitfield_unit
            .set_const::<
                13usize,
                12u8,
            >({
                let nbids: u32 = unsafe { ::core::mem::transmute(nbids) };
                nbids as u64
            });
        __bindgen_bitfield_unit
            .set_const::<
                25usize,
                7u8,
            >({
                let flags: u32 = unsafe { ::core::mem::transmute(flags) };
                flags as u64
            });
        __bindgen_bitfield_unit
    }
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct idxhdr {
    pub magic: [::core::ffi::c_char; 4usize],
    pub nslots: u32_,
    pub nused: u32_,
    pub spare: u32_,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct idxslot {
    pub hash: u32_,
    pub off: i32,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct jrec {
    pub magic: u32_,
    pub when: i32,
    pub seq: i32,
    pub len: i32,
    pub sum: u32_,
}
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct feedhdr {
    pub magic: [::core::ffi::c_char; 4usize],
    pub count: i32,
    pub recsize: i32,
    pub when: i32,
    pub sum: u32_,
}

/// As on i386 (ILP32).
#[cfg(target_pointer_width = "32")]
mod ilp32 {
    use super::*;

    #[repr(C)]
    #[derive(Debug, Copy, Clone)]
    pub struct sale {
        pub id: i32,
        pub price: f64_,
        pub closed: i32,
        pub next: i32,
        pub _bitfield_1: __BindgenBitfieldUnit<[u8; 4usize]>,
        pub item: [::core::ffi::c_char; 20usize],
        pub title: [::core::ffi::c_char; 44usize],
        pub seller: [::core::ffi::c_char; 16usize],
    }
    #[repr(C)]
    #[derive(Debug, Copy, Clone)]
    pub struct filehdr {
        pub magic: [::core::ffi::c_char; 4usize],
        pub version: u32_,
        pub nrec: i32,
        pub recsize: i32,
        pub created: i32,
        pub updated: i32,
        pub turnover: f64_,
        pub sum: u32_,
    }

    const _: () = {
        use ::core::mem::{align_of, offset_of, size_of};
        assert!(size_of::<feedhdr>() == 20, "struct feedhdr: `feedhdr` no longer has 20 bytes");
        assert!(align_of::<feedhdr>() == 4, "struct feedhdr: `feedhdr` is no longer aligned to 4");
        assert!(offset_of!(feedhdr, magic) == 0, "struct feedhdr: `feedhdr.magic` is no longer at 0");
        assert!(offset_of!(feedhdr, count) == 4, "struct feedhdr: `feedhdr.count` is no longer at 4");
        assert!(offset_of!(feedhdr, recsize) == 8, "struct feedhdr: `feedhdr.recsize` is no longer at 8");
        assert!(offset_of!(feedhdr, when) == 12, "struct feedhdr: `feedhdr.when` is no longer at 12");
        assert!(offset_of!(feedhdr, sum) == 16, "struct feedhdr: `feedhdr.sum` is no longer at 16");
        assert!(size_of::<filehdr>() == 36, "struct filehdr: `filehdr` no longer has 36 bytes");
        assert!(align_of::<filehdr>() == 4, "struct filehdr: `filehdr` is no longer aligned to 4");
        assert!(offset_of!(filehdr, magic) == 0, "struct filehdr: `filehdr.magic` is no longer at 0");
        assert!(offset_of!(filehdr, version) == 4, "struct filehdr: `filehdr.version` is no longer at 4");
        assert!(offset_of!(filehdr, nrec) == 8, "struct filehdr: `filehdr.nrec` is no longer at 8");
        assert!(offset_of!(filehdr, recsize) == 12, "struct filehdr: `filehdr.recsize` is no longer at 12");
        assert!(offset_of!(filehdr, created) == 16, "struct filehdr: `filehdr.created` is no longer at 16");
        assert!(offset_of!(filehdr, updated) == 20, "struct filehdr: `filehdr.updated` is no longer at 20");
        assert!(offset_of!(filehdr, turnover) == 24, "struct filehdr: `filehdr.turnover` is no longer at 24");
        assert!(offset_of!(filehdr, sum) == 32, "struct filehdr: `filehdr.sum` is no longer at 32");
        assert!(size_of::<idxhdr>() == 16, "struct idxhdr: `idxhdr` no longer has 16 bytes");
        assert!(align_of::<idxhdr>() == 4, "struct idxhdr: `idxhdr` is no longer aligned to 4");
        assert!(offset_of!(idxhdr, magic) == 0, "struct idxhdr: `idxhdr.magic` is no longer at 0");
        assert!(offset_of!(idxhdr, nslots) == 4, "struct idxhdr: `idxhdr.nslots` is no longer at 4");
        assert!(offset_of!(idxhdr, nused) == 8, "struct idxhdr: `idxhdr.nused` is no longer at 8");
        assert!(offset_of!(idxhdr, spare) == 12, "struct idxhdr: `idxhdr.spare` is no longer at 12");
        assert!(size_of::<idxslot>() == 8, "struct idxslot: `idxslot` no longer has 8 bytes");
        assert!(align_of::<idxslot>() == 4, "struct idxslot: `idxslot` is no longer aligned to 4");
        assert!(offset_of!(idxslot, hash) == 0, "struct idxslot: `idxslot.hash` is no longer at 0");
        assert!(offset_of!(idxslot, off) == 4, "struct idxslot: `idxslot.off` is no longer at 4");
        assert!(size_of::<jrec>() == 20, "struct jrec: `jrec` no longer has 20 bytes");
        assert!(align_of::<jrec>() == 4, "struct jrec: `jrec` is no longer aligned to 4");
        assert!(offset_of!(jrec, magic) == 0, "struct jrec: `jrec.magic` is no longer at 0");
        assert!(offset_of!(jrec, when) == 4, "struct jrec: `jrec.when` is no longer at 4");
        assert!(offset_of!(jrec, seq) == 8, "struct jrec: `jrec.seq` is no longer at 8");
        assert!(offset_of!(jrec, len) == 12, "struct jrec: `jrec.len` is no longer at 12");
        assert!(offset_of!(jrec, sum) == 16, "struct jrec: `jrec.sum` is no longer at 16");
        assert!(size_of::<sale>() == 104, "struct sale: `sale` no longer has 104 bytes");
        assert!(align_of::<sale>() == 4, "struct sale: `sale` is no longer aligned to 4");
        assert!(offset_of!(sale, id) == 0, "struct sale: `sale.id` is no longer at 0");
        assert!(offset_of!(sale, price) == 4, "struct sale: `sale.price` is no longer at 4");
        assert!(offset_of!(sale, closed) == 12, "struct sale: `sale.closed` is no longer at 12");
        assert!(offset_of!(sale, next) == 16, "struct sale: `sale.next` is no longer at 16");
        assert!(offset_of!(sale, item) == 24, "struct sale: `sale.item` is no longer at 24");
        assert!(offset_of!(sale, title) == 44, "struct sale: `sale.title` is no longer at 44");
        assert!(offset_of!(sale, seller) == 88, "struct sale: `sale.seller` is no longer at 88");
    };
}
#[cfg(target_pointer_width = "32")]
pub use ilp32::*;

/// As on x86_64 (LP64).
#[cfg(target_pointer_width = "64")]
mod lp64 {
    use super::*;

    #[repr(C, packed(4))]
    #[derive(Debug, Copy, Clone)]
    pub struct sale {
        pub id: i32,
        pub price: f64_,
        pub closed: i32,
        pub next: i32,
        pub _bitfield_1: __BindgenBitfieldUnit<[u8; 4usize]>,
        pub item: [::core::ffi::c_char; 20usize],
        pub title: [::core::ffi::c_char; 44usize],
        pub seller: [::core::ffi::c_char; 16usize],
    }
    #[repr(C, packed(4))]
    #[derive(Debug, Copy, Clone)]
    pub struct filehdr {
        pub magic: [::core::ffi::c_char; 4usize],
        pub version: u32_,
        pub nrec: i32,
        pub recsize: i32,
        pub created: i32,
        pub updated: i32,
        pub turnover: f64_,
        pub sum: u32_,
    }

    const _: () = {
        use ::core::mem::{align_of, offset_of, size_of};
        assert!(size_of::<feedhdr>() == 20, "struct feedhdr: `feedhdr` no longer has 20 bytes");
        assert!(align_of::<feedhdr>() == 4, "struct feedhdr: `feedhdr` is no longer aligned to 4");
        assert!(offset_of!(feedhdr, magic) == 0, "struct feedhdr: `feedhdr.magic` is no longer at 0");
        assert!(offset_of!(feedhdr, count) == 4, "struct feedhdr: `feedhdr.count` is no longer at 4");
        assert!(offset_of!(feedhdr, recsize) == 8, "struct feedhdr: `feedhdr.recsize` is no longer at 8");
        assert!(offset_of!(feedhdr, when) == 12, "struct feedhdr: `feedhdr.when` is no longer at 12");
        assert!(offset_of!(feedhdr, sum) == 16, "struct feedhdr: `feedhdr.sum` is no longer at 16");
        assert!(size_of::<filehdr>() == 36, "struct filehdr: `filehdr` no longer has 36 bytes");
        assert!(align_of::<filehdr>() == 4, "struct filehdr: `filehdr` is no longer aligned to 4");
        assert!(offset_of!(filehdr, magic) == 0, "struct filehdr: `filehdr.magic` is no longer at 0");
        assert!(offset_of!(filehdr, version) == 4, "struct filehdr: `filehdr.version` is no longer at 4");
        assert!(offset_of!(filehdr, nrec) == 8, "struct filehdr: `filehdr.nrec` is no longer at 8");
        assert!(offset_of!(filehdr, recsize) == 12, "struct filehdr: `filehdr.recsize` is no longer at 12");
        assert!(offset_of!(filehdr, created) == 16, "struct filehdr: `filehdr.created` is no longer at 16");
        assert!(offset_of!(filehdr, updated) == 20, "struct filehdr: `filehdr.updated` is no longer at 20");
        assert!(offset_of!(filehdr, turnover) == 24, "struct filehdr: `filehdr.turnover` is no longer at 24");
        assert!(offset_of!(filehdr, sum) == 32, "struct filehdr: `filehdr.sum` is no longer at 32");
        assert!(size_of::<idxhdr>() == 16, "struct idxhdr: `idxhdr` no longer has 16 bytes");
        assert!(align_of::<idxhdr>() == 4, "struct idxhdr: `idxhdr` is no longer aligned to 4");
        assert!(offset_of!(idxhdr, magic) == 0, "struct idxhdr: `idxhdr.magic` is no longer at 0");
        assert!(offset_of!(idxhdr, nslots) == 4, "struct idxhdr: `idxhdr.nslots` is no longer at 4");
        assert!(offset_of!(idxhdr, nused) == 8, "struct idxhdr: `idxhdr.nused` is no longer at 8");
        assert!(offset_of!(idxhdr, spare) == 12, "struct idxhdr: `idxhdr.spare` is no longer at 12");
        assert!(size_of::<idxslot>() == 8, "struct idxslot: `idxslot` no longer has 8 bytes");
        assert!(align_of::<idxslot>() == 4, "struct idxslot: `idxslot` is no longer aligned to 4");
        assert!(offset_of!(idxslot, hash) == 0, "struct idxslot: `idxslot.hash` is no longer at 0");
        assert!(offset_of!(idxslot, off) == 4, "struct idxslot: `idxslot.off` is no longer at 4");
        assert!(size_of::<jrec>() == 20, "struct jrec: `jrec` no longer has 20 bytes");
        assert!(align_of::<jrec>() == 4, "struct jrec: `jrec` is no longer aligned to 4");
        assert!(offset_of!(jrec, magic) == 0, "struct jrec: `jrec.magic` is no longer at 0");
        assert!(offset_of!(jrec, when) == 4, "struct jrec: `jrec.when` is no longer at 4");
        assert!(offset_of!(jrec, seq) == 8, "struct jrec: `jrec.seq` is no longer at 8");
        assert!(offset_of!(jrec, len) == 12, "struct jrec: `jrec.len` is no longer at 12");
        assert!(offset_of!(jrec, sum) == 16, "struct jrec: `jrec.sum` is no longer at 16");
        assert!(size_of::<sale>() == 104, "struct sale: `sale` no longer has 104 bytes");
        assert!(align_of::<sale>() == 4, "struct sale: `sale` is no longer aligned to 4");
        assert!(offset_of!(sale, id) == 0, "struct sale: `sale.id` is no longer at 0");
        assert!(offset_of!(sale, price) == 4, "struct sale: `sale.price` is no longer at 4");
        assert!(offset_of!(sale, closed) == 12, "struct sale: `sale.closed` is no longer at 12");
        assert!(offset_of!(sale, next) == 16, "struct sale: `sale.next` is no longer at 16");
        assert!(offset_of!(sale, item) == 24, "struct sale: `sale.item` is no longer at 24");
        assert!(offset_of!(sale, title) == 44, "struct sale: `sale.title` is no longer at 44");
        assert!(offset_of!(sale, seller) == 88, "struct sale: `sale.seller` is no longer at 88");
    };
}
#[cfg(target_pointer_width = "64")]
pub use lp64::*;
