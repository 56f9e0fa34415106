//! libclang's names for things -> ours.

use clang_sys::*;

use crate::source::tree::{Kind, Op};

pub(super) fn kind_of(kind: CXCursorKind) -> Kind {
    match kind {
        CXCursor_FunctionDecl
        | CXCursor_FunctionTemplate
        | CXCursor_CXXMethod
        | CXCursor_Constructor
        | CXCursor_Destructor
        | CXCursor_ConversionFunction => Kind::Function,
        CXCursor_ParmDecl => Kind::Parameter,
        CXCursor_VarDecl => Kind::Variable,
        CXCursor_FieldDecl => Kind::Field,
        CXCursor_StructDecl | CXCursor_UnionDecl | CXCursor_ClassDecl => Kind::Record,
        CXCursor_EnumDecl => Kind::Enum,
        CXCursor_EnumConstantDecl => Kind::EnumConstant,
        CXCursor_TypedefDecl => Kind::Typedef,
        CXCursor_CompoundStmt => Kind::Compound,
        CXCursor_ReturnStmt => Kind::Return,
        CXCursor_BreakStmt | CXCursor_ContinueStmt | CXCursor_GotoStmt | CXCursor_IndirectGotoStmt => Kind::Jump,
        CXCursor_IfStmt => Kind::If,
        CXCursor_ForStmt | CXCursor_WhileStmt | CXCursor_DoStmt | CXCursor_CXXForRangeStmt => Kind::Loop,
        CXCursor_SwitchStmt => Kind::Switch,
        CXCursor_CaseStmt => Kind::Case,
        CXCursor_DefaultStmt | CXCursor_LabelStmt => Kind::Label,
        CXCursor_DeclStmt => Kind::DeclStatement,
        CXCursor_AsmStmt => Kind::Assembler,
        CXCursor_InitListExpr => Kind::InitList,
        CXCursor_CompoundLiteralExpr => Kind::CompoundLiteral,
        CXCursor_ParenExpr => Kind::Paren,
        CXCursor_CStyleCastExpr
        | CXCursor_CXXStaticCastExpr
        | CXCursor_CXXReinterpretCastExpr
        | CXCursor_CXXFunctionalCastExpr => Kind::Cast,
        CXCursor_UnaryOperator => Kind::Unary,
        CXCursor_BinaryOperator => Kind::Binary,
        CXCursor_CompoundAssignOperator => Kind::CompoundAssign,
        CXCursor_ConditionalOperator => Kind::Conditional,
        CXCursor_CallExpr => Kind::Call,
        CXCursor_MemberRefExpr => Kind::Member,
        CXCursor_DeclRefExpr => Kind::Name,
        CXCursor_ArraySubscriptExpr => Kind::Subscript,
        CXCursor_IntegerLiteral => Kind::Integer,
        CXCursor_CharacterLiteral => Kind::Character,
        CXCursor_FloatingLiteral => Kind::Floating,
        CXCursor_StringLiteral => Kind::Text,
        CXCursor_UnaryExpr => Kind::SizeOf,
        _ => Kind::Other,
    }
}

pub(super) fn binary(op: CXBinaryOperatorKind) -> Op {
    match op {
        CXBinaryOperator_Mul | CXBinaryOperator_MulAssign => Op::Mul,
        CXBinaryOperator_Div | CXBinaryOperator_DivAssign => Op::Div,
        CXBinaryOperator_Rem | CXBinaryOperator_RemAssign => Op::Rem,
        CXBinaryOperator_Add | CXBinaryOperator_AddAssign => Op::Add,
        CXBinaryOperator_Sub | CXBinaryOperator_SubAssign => Op::Sub,
        CXBinaryOperator_Shl | CXBinaryOperator_ShlAssign => Op::Shl,
        CXBinaryOperator_Shr | CXBinaryOperator_ShrAssign => Op::Shr,
        CXBinaryOperator_LT => Op::Less,
        CXBinaryOperator_GT => Op::Greater,
        CXBinaryOperator_LE => Op::LessEqual,
        CXBinaryOperator_GE => Op::GreaterEqual,
        CXBinaryOperator_EQ => Op::Equal,
        CXBinaryOperator_NE => Op::NotEqual,
        CXBinaryOperator_And | CXBinaryOperator_AndAssign => Op::BitAnd,
        CXBinaryOperator_Xor | CXBinaryOperator_XorAssign => Op::BitXor,
        CXBinaryOperator_Or | CXBinaryOperator_OrAssign => Op::BitOr,
        CXBinaryOperator_LAnd => Op::And,
        CXBinaryOperator_LOr => Op::Or,
        CXBinaryOperator_Assign => Op::Assign,
        CXBinaryOperator_Comma => Op::Comma,
        _ => Op::None,
    }
}

pub(super) fn unary(op: CXUnaryOperatorKind) -> Op {
    match op {
        CXUnaryOperator_PostInc | CXUnaryOperator_PreInc => Op::Increment,
        CXUnaryOperator_PostDec | CXUnaryOperator_PreDec => Op::Decrement,
        CXUnaryOperator_AddrOf => Op::AddressOf,
        CXUnaryOperator_Deref => Op::Deref,
        CXUnaryOperator_Plus => Op::Plus,
        CXUnaryOperator_Minus => Op::Minus,
        CXUnaryOperator_Not => Op::BitNot,
        CXUnaryOperator_LNot => Op::Not,
        _ => Op::None,
    }
}
