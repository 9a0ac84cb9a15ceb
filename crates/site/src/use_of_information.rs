//! use_of_information
