namespace ProdOps.Logging.Matching.Literals;

/// <summary>Which of <see cref="FoldedLetters"/> are a letter of the literals that match in either case.</summary>
internal readonly record struct LiteralFolding(bool LongS, bool KelvinSign)
{
    /// <summary>As Unicode folds case.</summary>
    public static LiteralFolding Both { get; } = new(true, true);

    /// <summary>What a line holds that holds one of the literals: one of them, or a character that is taken for a letter of one.</summary>
    public List<Literal> Alternatives(IReadOnlyList<Literal> literals)
    {
        var alternatives = literals.ToList();
        if (LongS && literals.Any(literal => literal.IgnoreCase && FoldedLetters.HasLetter(literal, 's'))) alternatives.Add(FoldedLetters.LongS);
        if (KelvinSign && literals.Any(literal => literal.IgnoreCase && FoldedLetters.HasLetter(literal, 'k'))) alternatives.Add(FoldedLetters.KelvinSign);
        return alternatives;
    }
}
