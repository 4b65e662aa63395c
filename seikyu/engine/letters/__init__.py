"""What we write to customers by mail: the words, their form as text and HTML, and the finished message."""
