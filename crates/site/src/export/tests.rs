//! Tests of this module on a real store in a temporary folder.
