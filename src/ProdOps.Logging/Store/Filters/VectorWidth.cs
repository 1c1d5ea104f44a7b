namespace ProdOps.Logging.Store.Filters;

/// <summary>How many bits a processor works on at once. Whatever the width, what comes out is the same.</summary>
internal enum VectorWidth
{
    /// <summary>One byte after the other.</summary>
    None = 0,

    /// <summary>SSE, and Neon of ARM.</summary>
    Bits128 = 128,

    /// <summary>AVX2.</summary>
    Bits256 = 256,

    /// <summary>AVX-512.</summary>
    Bits512 = 512,
}
