//! A cursor over the elements of an object or array that is known to be valid JSON. It checks nothing: it only finds where things end.

/// A position between the elements of one object or array. The names and the values of an object are elements alike.
pub(super) struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Cursor<'t> {
    /// Stands behind the opening bracket of an object or array.
    pub(super) fn behind_bracket(text: &'t str) -> Self {
        Self { text, at: 1 }
    }

    /// Takes the next element: of an array a value, of an object a name or its value in turn. Nothing at the closing bracket.
    pub(super) fn take_element(&mut self) -> Option<&'t str> {
        let is_between = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b':');
        self.at += self.rest().iter().take_while(|byte| is_between(byte)).count();
        let start = self.at;
        match self.rest().first()? {
            b'}' | b']' => return None,
            b'"' => self.skip_string(),
            b'{' | b'[' => self.skip_nested(),
            _ => self.skip_scalar(),
        }
        Some(&self.text[start..self.at])
    }

    fn rest(&self) -> &'t [u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(length) = memchr::memchr2(b'"', b'\\', self.rest()) {
            let is_quote = self.rest()[length] == b'"';
            self.at += length + if is_quote { 1 } else { 2 };
            if is_quote {
                return;
            }
        }
        self.at = self.text.len();
    }

    fn skip_nested(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.rest().first() {
            match byte {
                b'"' => {
                    self.skip_string();
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    fn skip_scalar(&mut self) {
        let goes_on = |byte: &u8| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b'}' | b']');
        self.at += self.rest().iter().take_while(|byte| goes_on(byte)).count();
    }
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    fn elements(text: &str) -> Vec<&str> {
        let mut cursor = Cursor::behind_bracket(text);
        std::iter::from_fn(|| cursor.take_element()).collect()
    }

    #[test]
    fn takes_the_elements_of_an_array() {
        assert_eq!(elements("[]"), [""; 0]);
        assert_eq!(
            elements("[ 1 ,\"a]\\\"\",\n[2,{\"b\":[\"}\"]}] , true,null]"),
            ["1", r#""a]\"""#, r#"[2,{"b":["}"]}]"#, "true", "null"]
        );
    }

    #[test]
    fn takes_names_and_values_of_an_object_in_turn() {
        assert_eq!(elements(r#"{ "a" : -1.5e3 ,"b\\":{} }"#), [r#""a""#, "-1.5e3", r#""b\\""#, "{}"]);
    }
}
